import type { Catalogue } from '../../message';

/** Names of the pages about storage, people and the record. */
export const nav = {
  'nav.repositories': 'Repositories',
  'nav.credentials': 'Storage credentials',
  'nav.snapshots': 'Snapshots',
  'nav.holds': 'Holds',
  'nav.orgs': 'Organizations',
  'nav.organization': 'Organization',
  'nav.users': 'Users',
  'nav.roots': 'Who runs it',
  'nav.roles': 'Roles',
  'nav.grants': 'Grants',
  'nav.tokens': 'API tokens',
  'nav.providers': 'Sign-in providers',
  'nav.audit': 'Audit log',
  'nav.settings': 'Installation',
  'nav.reference': 'API reference',
} as const satisfies Catalogue;
