import { createContext, useContext } from 'react';
import type { Me } from '../api/me';
import type { Schemas } from '../api/types';

/** What the console is about: an organization, or the installation. What one may do there, `useMay` says. */
export interface Console {
  me: Me;
  /** Null: the pages of the installation. */
  org: Schemas['OrgBody'] | null;
  isRoot: boolean;
}

const ConsoleContext = createContext<Console | null>(null);
export const ConsoleProvider = ConsoleContext;

export function useConsole(): Console {
  const about = useContext(ConsoleContext);
  if (!about) throw new Error('useConsole stands outside of the console');
  return about;
}

/** The organization of a page that has one: its uid stands in every request. */
export function useOrgUid(): string {
  const { org } = useConsole();
  if (!org) throw new Error('this page is of an organization');
  return org.uid;
}
