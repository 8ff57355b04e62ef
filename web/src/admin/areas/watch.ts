//! What one looks at every day: how everything is, when it runs, what runs, on which machines.
import { lazy } from 'react';
import { watchPaths as paths, toWatch } from '../../routes/adminWatch';
import type { Area, Role } from '../areas';

const PEOPLE: readonly Role[] = ['root', 'admin', 'operator', 'auditor'];

const Dashboard = lazy(() => import('../dashboard/Dashboard'));
const Calendar = lazy(() => import('../calendar/Calendar'));
const Jobs = lazy(() => import('../jobs/Jobs'));
const Job = lazy(() => import('../jobs/Job'));
const Plans = lazy(() => import('../plans/Plans'));
const Plan = lazy(() => import('../plans/Plan'));
const NewPlan = lazy(() => import('../plans/wizard/NewPlan'));
const ChangePlan = lazy(() => import('../plans/wizard/ChangePlan'));
const Agents = lazy(() => import('../agents/Agents'));
const Agent = lazy(() => import('../agents/Agent'));
const Enrol = lazy(() => import('../agents/Enrol'));

export const watchAreas: readonly Area[] = [
  {
    href: toWatch.dashboard(),
    icon: 'chart',
    label: 'nav.dashboard',
    group: 'watch',
    scope: 'org',
    roles: PEOPLE,
    pages: [[paths.dashboard, Dashboard]],
  },
  {
    href: toWatch.calendar(),
    icon: 'calendar',
    label: 'nav.calendar',
    group: 'watch',
    scope: 'org',
    roles: PEOPLE,
    pages: [[paths.calendar, Calendar]],
  },
  {
    href: toWatch.jobs(),
    icon: 'list',
    label: 'nav.jobs',
    group: 'watch',
    scope: 'org',
    roles: PEOPLE,
    pages: [
      [paths.job, Job],
      [paths.jobs, Jobs],
    ],
  },
  {
    href: toWatch.plans(),
    icon: 'shield',
    label: 'nav.plans',
    group: 'protect',
    scope: 'org',
    roles: PEOPLE,
    pages: [
      [paths.newPlan, NewPlan],
      [paths.changePlan, ChangePlan],
      [paths.planPart, Plan],
      [paths.plan, Plan],
      [paths.plans, Plans],
    ],
  },
  {
    href: toWatch.agents(),
    icon: 'device',
    label: 'nav.agents',
    group: 'protect',
    scope: 'org',
    roles: PEOPLE,
    pages: [
      [paths.enrol, Enrol],
      [paths.agent, Agent],
      [paths.agents, Agents],
    ],
  },
];
