//! Links of the console's keeping half, and the state in their addresses: storage, people, the record. They stand below `/admin`,
//! or below `/admin/o/NAME` where who runs the installation looks at one organization: the router adds that.
import { codec, oneOf, text } from './codec';

export const snapshotsState = codec({
  repository: text(),
  source: text(),
  host: text(),
  tag: text(),
  since: text(),
  before: text(),
  held: oneOf('any', 'yes'),
});
export type SnapshotsState = ReturnType<typeof snapshotsState.read>;

/** The rule of a forget, as it is written in its form, so that a preview can be shown to somebody else. */
export const forgetState = codec({
  last: text(),
  hourly: text(),
  daily: text(),
  weekly: text(),
  monthly: text(),
  yearly: text(),
  within: text(),
  host: text(),
  tag: text(),
});
export type ForgetState = ReturnType<typeof forgetState.read>;

export const AUDIT_ACTIONS = ['see', 'create', 'change', 'delete', 'run', 'export'] as const;
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;

export const auditState = codec({
  who: text(),
  action: oneOf('any', ...AUDIT_ACTIONS),
  resource: text(),
  resource_uid: text(),
  outcome: oneOf('any', ...AUDIT_OUTCOMES),
  since: text(),
  until: text(),
});
export type AuditState = ReturnType<typeof auditState.read>;

export const grantsState = codec({ user: text(), source: text() });
export type GrantsState = ReturnType<typeof grantsState.read>;

export const usersState = codec({ q: text(), role: oneOf('any', 'admin', 'operator', 'auditor', 'user') });

export const referenceState = codec({ q: text(), tag: text() });
export type ReferenceState = ReturnType<typeof referenceState.read>;

export const REPOSITORY_PARTS = ['usage', 'immutable', 'upkeep', 'keys', 'access', 'settings'] as const;
export type RepositoryPart = (typeof REPOSITORY_PARTS)[number];

/** As wouter matches them. */
export const keepPaths = {
  repositories: '/repos',
  newRepository: '/repos/new',
  repository: '/repos/:repository/:part?',
  forget: '/repos/:repository/forget',
  credentials: '/credentials',
  snapshots: '/snapshots',
  snapshot: '/snapshots/:repository/:snapshot',
  holds: '/holds',
  orgs: '/orgs',
  organization: '/organization',
  users: '/users',
  user: '/users/:user',
  roles: '/roles',
  grants: '/grants',
  tokens: '/tokens',
  providers: '/providers',
  audit: '/audit',
  settings: '/settings',
  reference: '/api',
} as const;

export const toKeep = {
  repositories: () => '/repos',
  newRepository: () => '/repos/new',
  repository: (repository: string, part?: RepositoryPart) =>
    part && part !== 'usage' ? `/repos/${repository}/${part}` : `/repos/${repository}`,
  forget: (repository: string, rule: Partial<ForgetState> = {}) =>
    `/repos/${repository}/forget${forgetState.write(rule)}`,
  credentials: () => '/credentials',
  snapshots: (state: Partial<SnapshotsState> = {}) => `/snapshots${snapshotsState.write(state)}`,
  snapshot: (repository: string, snapshot: string) => `/snapshots/${repository}/${snapshot}`,
  holds: () => '/holds',
  orgs: () => '/orgs',
  organization: () => '/organization',
  users: () => '/users',
  user: (user: string) => `/users/${user}`,
  roles: () => '/roles',
  grants: (state: Partial<GrantsState> = {}) => `/grants${grantsState.write(state)}`,
  tokens: () => '/tokens',
  providers: () => '/providers',
  audit: (state: Partial<AuditState> = {}) => `/audit${auditState.write(state)}`,
  settings: () => '/settings',
  reference: (state: Partial<ReferenceState> = {}) => `/api${referenceState.write(state)}`,
};
