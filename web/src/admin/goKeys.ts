import type { AdminWords } from '../i18n/admin';
import { Stored } from '../lib/stored';
import { toWatch } from '../routes/adminWatch';

/** Keys without Ctrl can be turned off: who speaks to the computer would press them by speaking. */
export const letterKeys = new Stored<'on' | 'off'>(
  'admin-keys',
  'on',
  (text) => text === 'on' || text === 'off',
);

interface Go {
  key: string;
  href: string;
  label: keyof AdminWords & `nav.${string}`;
}

/** Pages that are two keys away. */
export const GO: readonly Go[] = [
  { key: 'd', href: toWatch.dashboard(), label: 'nav.dashboard' },
  { key: 'j', href: toWatch.jobs(), label: 'nav.jobs' },
  { key: 'c', href: toWatch.calendar(), label: 'nav.calendar' },
  { key: 'p', href: toWatch.plans(), label: 'nav.plans' },
  { key: 'm', href: toWatch.agents(), label: 'nav.agents' },
];
