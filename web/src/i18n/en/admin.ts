import type { Catalogue } from '../message';

export const admin = {
  'nav.label': 'Console',
  'nav.dashboard': 'Dashboard',
  'dashboard.title': 'Dashboard',
  'dashboard.empty.title': 'Nothing is protected yet',
  'dashboard.empty.words': 'Once machines are enrolled and plans run, you see here how everything is.',
} as const satisfies Catalogue;
