import type { ComponentType, LazyExoticComponent } from 'react';
import type { Schemas } from '../api/types';
import type { AdminWords } from '../i18n/admin';
import type { IconName } from '../ui/Icon';
import { keepAreas } from './areas/keep';
import { watchAreas } from './areas/watch';

export type Role = Schemas['RoleBody'];

/** Whose pages: an organization's, or those of the whole installation. */
export type Scope = 'org' | 'installation';

/** How the navigation groups them, in this order. */
export const GROUPS = ['watch', 'protect', 'store', 'people', 'system'] as const;
export type Group = (typeof GROUPS)[number];

// biome-ignore lint/suspicious/noExplicitAny: pages take the parameters of their own paths
type Page = LazyExoticComponent<ComponentType<any>>;

/** A noun of the console: where the navigation leads, who finds it there, and its pages. */
export interface Area {
  href: string;
  icon: IconName;
  label: keyof AdminWords & `nav.${string}`;
  group: Group;
  scope: Scope;
  roles: readonly Role[];
  /** As wouter matches them, the narrower first. */
  pages: readonly (readonly [path: string, page: Page])[];
}

export const areas: readonly Area[] = [...watchAreas, ...keepAreas];
