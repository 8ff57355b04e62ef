//! What is kept, who may do what with it, and what was done: storage, people, the record.
import { keepPaths as paths, toKeep } from '../../routes/adminKeep';
import type { Area, Role } from '../areas';
import { withKeepWords } from '../withKeepWords';

const EVERYBODY: readonly Role[] = ['root', 'admin', 'operator', 'auditor'];
/** Who belongs to the organization: root sees that there are repositories and people, and nothing of what is in them. */
const INSIDE: readonly Role[] = ['admin', 'operator', 'auditor'];

const Repositories = withKeepWords(() => import('../repositories/Repositories'));
const NewRepository = withKeepWords(() => import('../repositories/NewRepository'));
const Repository = withKeepWords(() => import('../repositories/Repository'));
const Forget = withKeepWords(() => import('../snapshots/Forget'));
const Credentials = withKeepWords(() => import('../credentials/Credentials'));
const Snapshots = withKeepWords(() => import('../snapshots/Snapshots'));
const Snapshot = withKeepWords(() => import('../snapshots/Snapshot'));
const Holds = withKeepWords(() => import('../snapshots/Holds'));
const Organizations = withKeepWords(() => import('../organizations/Organizations'));
const Organization = withKeepWords(() => import('../organizations/Organization'));
const Users = withKeepWords(() => import('../users/Users'));
const User = withKeepWords(() => import('../users/User'));
const Roots = withKeepWords(() => import('../users/Roots'));
const Roles = withKeepWords(() => import('../users/Roles'));
const Grants = withKeepWords(() => import('../grants/Grants'));
const Tokens = withKeepWords(() => import('../tokens/Tokens'));
const Providers = withKeepWords(() => import('../providers/Providers'));
const Audit = withKeepWords(() => import('../audit/Audit'));
const Settings = withKeepWords(() => import('../settings/Settings'));
const Reference = withKeepWords(() => import('../reference/Reference'));

const storage: readonly Area[] = [
  {
    href: toKeep.repositories(),
    icon: 'database',
    label: 'nav.repositories',
    group: 'store',
    scope: 'org',
    roles: EVERYBODY,
    pages: [
      [paths.newRepository, NewRepository],
      [paths.forget, Forget],
      [paths.repository, Repository],
      [paths.repositories, Repositories],
    ],
  },
  {
    href: toKeep.snapshots(),
    icon: 'history',
    label: 'nav.snapshots',
    group: 'store',
    scope: 'org',
    roles: INSIDE,
    pages: [
      [paths.snapshot, Snapshot],
      [paths.snapshots, Snapshots],
    ],
  },
  {
    href: toKeep.holds(),
    icon: 'lock',
    label: 'nav.holds',
    group: 'store',
    scope: 'org',
    roles: INSIDE,
    pages: [[paths.holds, Holds]],
  },
  {
    href: toKeep.credentials(),
    icon: 'key',
    label: 'nav.credentials',
    group: 'store',
    scope: 'org',
    roles: INSIDE,
    pages: [[paths.credentials, Credentials]],
  },
];

const people: readonly Area[] = [
  {
    href: toKeep.users(),
    icon: 'users',
    label: 'nav.users',
    group: 'people',
    scope: 'org',
    roles: EVERYBODY,
    pages: [
      [paths.user, User],
      [paths.users, Users],
    ],
  },
  {
    href: toKeep.grants(),
    icon: 'check',
    label: 'nav.grants',
    group: 'people',
    scope: 'org',
    roles: INSIDE,
    pages: [[paths.grants, Grants]],
  },
  {
    href: toKeep.roles(),
    icon: 'table',
    label: 'nav.roles',
    group: 'people',
    scope: 'org',
    roles: EVERYBODY,
    pages: [[paths.roles, Roles]],
  },
  {
    href: toKeep.tokens(),
    icon: 'key',
    label: 'nav.tokens',
    group: 'people',
    scope: 'org',
    roles: INSIDE,
    pages: [[paths.tokens, Tokens]],
  },
  {
    href: toKeep.providers(),
    icon: 'globe',
    label: 'nav.providers',
    group: 'people',
    scope: 'org',
    roles: ['root', 'admin'],
    pages: [[paths.providers, Providers]],
  },
];

const record: readonly Area[] = [
  {
    href: toKeep.audit(),
    icon: 'shield',
    label: 'nav.audit',
    group: 'system',
    scope: 'org',
    roles: ['root', 'admin', 'auditor'],
    pages: [[paths.audit, Audit]],
  },
  {
    href: toKeep.organization(),
    icon: 'settings',
    label: 'nav.organization',
    group: 'system',
    scope: 'org',
    roles: EVERYBODY,
    pages: [[paths.organization, Organization]],
  },
  {
    href: toKeep.reference(),
    icon: 'help',
    label: 'nav.reference',
    group: 'system',
    scope: 'org',
    roles: EVERYBODY,
    pages: [[paths.reference, Reference]],
  },
];

/** Pages of the whole installation, which only root has. */
const installation: readonly Area[] = [
  {
    href: toKeep.orgs(),
    icon: 'server',
    label: 'nav.orgs',
    group: 'people',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.orgs, Organizations]],
  },
  {
    href: toKeep.users(),
    icon: 'users',
    label: 'nav.roots',
    group: 'people',
    scope: 'installation',
    roles: ['root'],
    pages: [
      [paths.user, User],
      [paths.users, Roots],
    ],
  },
  {
    href: toKeep.roles(),
    icon: 'table',
    label: 'nav.roles',
    group: 'people',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.roles, Roles]],
  },
  {
    href: toKeep.providers(),
    icon: 'globe',
    label: 'nav.providers',
    group: 'people',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.providers, Providers]],
  },
  {
    href: toKeep.audit(),
    icon: 'shield',
    label: 'nav.audit',
    group: 'system',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.audit, Audit]],
  },
  {
    href: toKeep.settings(),
    icon: 'settings',
    label: 'nav.settings',
    group: 'system',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.settings, Settings]],
  },
  {
    href: toKeep.reference(),
    icon: 'help',
    label: 'nav.reference',
    group: 'system',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.reference, Reference]],
  },
];

export const keepAreas: readonly Area[] = [...storage, ...people, ...record, ...installation];
