//! Links of the console's watching half, and the state in their addresses. They stand below `/admin`, or below `/admin/o/NAME`
//! where who runs the installation looks at one organization: the router adds that.
import { codec, oneOf, text } from './codec';

export const JOB_KINDS = [
  'backup',
  'restore',
  'catalog',
  'forget',
  'prune',
  'verify',
  'copy',
  'mirror',
  'legal_hold',
] as const;
export const JOB_STATES = [
  'queued',
  'leased',
  'running',
  'succeeded',
  'partial',
  'failed',
  'cancelled',
] as const;

export const jobsState = codec({
  kind: oneOf('any', ...JOB_KINDS),
  /** `trouble`: failed, or done in part. */
  state: oneOf('any', 'trouble', ...JOB_STATES),
  plan: text(),
  agent: text(),
  repository: text(),
  run: text(),
  source: text(),
  /** Made since then, and before. */
  since: text(),
  before: text(),
});
export type JobsState = ReturnType<typeof jobsState.read>;

export const agentsState = codec({ q: text(), state: oneOf('active', 'revoked', 'unenrolled', 'any') });
export type AgentsState = ReturnType<typeof agentsState.read>;

export const dashboardState = codec({ days: oneOf('30', '7', '90') });

export const calendarState = codec({
  /** As in `2026-11`; empty: this month. */
  month: text(),
  day: text(),
  kind: oneOf('backup', 'all'),
});
export type CalendarState = ReturnType<typeof calendarState.read>;

export const wizardState = codec({
  step: oneOf('what', 'capture', 'where', 'when', 'keep', 'around', 'check'),
  /** A source that is chosen to begin with. */
  source: text(),
});
export type WizardState = ReturnType<typeof wizardState.read>;
export type WizardStep = WizardState['step'];

/** As wouter matches them. */
export const watchPaths = {
  dashboard: '/',
  calendar: '/calendar',
  plans: '/plans',
  newPlan: '/plans/new',
  plan: '/plans/:plan',
  changePlan: '/plans/:plan/change',
  planPart: '/plans/:plan/:part',
  jobs: '/jobs',
  job: '/jobs/:job',
  agents: '/agents',
  enrol: '/agents/enrol',
  agent: '/agents/:agent',
} as const;

export type PlanPart = 'runs' | 'versions';

export const toWatch = {
  dashboard: () => '/',
  calendar: (state: Partial<CalendarState> = {}) => `/calendar${calendarState.write(state)}`,
  plans: () => '/plans',
  newPlan: (state: Partial<WizardState> = {}) => `/plans/new${wizardState.write(state)}`,
  plan: (plan: string, part?: PlanPart) => (part ? `/plans/${plan}/${part}` : `/plans/${plan}`),
  changePlan: (plan: string, state: Partial<WizardState> = {}) =>
    `/plans/${plan}/change${wizardState.write(state)}`,
  jobs: (state: Partial<JobsState> = {}) => `/jobs${jobsState.write(state)}`,
  job: (job: string) => `/jobs/${job}`,
  agents: (state: Partial<AgentsState> = {}) => `/agents${agentsState.write(state)}`,
  enrol: () => '/agents/enrol',
  agent: (agent: string) => `/agents/${agent}`,
};

/** Where the console of an organization begins, for who runs the installation. `~`: whatever the router stands below. */
export const consoleOf = (orgName: string): string => `~/admin/o/${orgName}`;
export const installation = (): string => '~/admin';
