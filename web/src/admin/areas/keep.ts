//! What is kept, who may do what with it, and what was done: storage, people, the record.
import { lazy } from 'react';
import { keepPaths as paths, toKeep } from '../../routes/adminKeep';
import type { Area, Role } from '../areas';

const EVERYBODY: readonly Role[] = ['root', 'admin', 'operator', 'auditor'];

const Repositories = lazy(() => import('../repositories/Repositories'));
const NewRepository = lazy(() => import('../repositories/NewRepository'));
const Repository = lazy(() => import('../repositories/Repository'));

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
];

export const keepAreas: readonly Area[] = [...storage];
