//! What is kept, who may do what with it, and what was done: storage, people, the record.
import { lazy } from 'react';
import { keepPaths as paths, toKeep } from '../../routes/adminKeep';
import type { Area, Role } from '../areas';

const EVERYBODY: readonly Role[] = ['root', 'admin', 'operator', 'auditor'];
/** Who belongs to the organization: root sees that there are repositories and people, and nothing of what is in them. */
const INSIDE: readonly Role[] = ['admin', 'operator', 'auditor'];

const Repositories = lazy(() => import('../repositories/Repositories'));
const NewRepository = lazy(() => import('../repositories/NewRepository'));
const Repository = lazy(() => import('../repositories/Repository'));
const Credentials = lazy(() => import('../credentials/Credentials'));
const Snapshots = lazy(() => import('../snapshots/Snapshots'));
const Snapshot = lazy(() => import('../snapshots/Snapshot'));
const Holds = lazy(() => import('../snapshots/Holds'));
const Audit = lazy(() => import('../audit/Audit'));

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
];

/** Pages of the whole installation, which only root has. */
const installation: readonly Area[] = [
  {
    href: toKeep.audit(),
    icon: 'shield',
    label: 'nav.audit',
    group: 'system',
    scope: 'installation',
    roles: ['root'],
    pages: [[paths.audit, Audit]],
  },
];

export const keepAreas: readonly Area[] = [...storage, ...record, ...installation];
