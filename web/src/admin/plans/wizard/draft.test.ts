import { safeParse } from 'valibot';
import { expect, test } from 'vitest';
import type { Plan, PlanSpec } from '../plans';
import { type Draft, draftOfPlan, draftSchema, newDraft, specOf } from './draft';

const plan = (spec: PlanSpec): Plan => ({
  uid: 'p',
  name: 'Every night',
  enabled: true,
  created_at: '2026-11-01T00:00:00Z',
  changed_at: '2026-11-01T00:00:00Z',
  version: 1,
  spec,
});

/** What a plan says after it was opened in the wizard and saved untouched, without what it said before to fall back on. */
const reopened = (spec: PlanSpec): PlanSpec => specOf(draftOfPlan(plan(spec), 'Europe/Moscow'), null);

const schedule: NonNullable<PlanSpec['schedule']> = {
  rules: [
    { calendar: { every: 'week', on: ['monday', 'friday'], at: ['08:00', '20:30'] } },
    {
      calendar: {
        every: 'month',
        on: [{ day: 15 }, 'last', { weekday: { nth: 'last', day: 'friday' } }],
        at: ['22:00'],
      },
    },
    { calendar: { every: 'year', month: 2, day: 29, at: ['01:00'] } },
    { calendar: { every: 'hours', count: 6, minute: 15 } },
    { cron: '0 4 * * 0' },
  ],
  zone: { named: 'Europe/Berlin' },
  jitter_seconds: 100,
  missed: { all: 3 },
  windows: [
    { days: ['saturday', 'sunday'], from: '00:00', to: '00:00' },
    { days: [], from: '20:00', to: '06:00' },
  ],
  blackouts: [{ from: '2026-12-24', to: '2026-12-26', reason: 'closed', yearly: true }],
};

/** Everything that a plan can say, and nothing of it as by default. */
const everything: PlanSpec = {
  sources: ['s', 't'],
  repositories: ['r', 'q'],
  repository_mode: 'copy',
  storage_class: 'cold',
  visibility: 'shared',
  tags: ['nightly', 'office'],
  capture: {
    include: ['/etc'],
    exclude: ['*.tmp', '!keep.tmp'],
    iexclude: ['*.BAK'],
    exclude_files: ['/etc/excludes'],
    exclude_if_present: ['.nobackup', 'CACHE:signature'],
    exclude_larger_than: 1_234_567,
    exclude_caches: true,
    one_file_system: true,
    gitignore: true,
    skip_if_unchanged: true,
    force: true,
    ignore_ctime: true,
    ignore_inode: true,
    with_atime: true,
    compression: 'max',
    pack_size_mib: 64,
    read_concurrency: 4,
  },
  schedule,
  events: ['deploy', 'before-release'],
  after: [{ plan: 'p1', when: 'ended' }],
  depends_on: [
    { plan: 'p2', must_succeed: true },
    { plan: 'p3', must_succeed: false },
  ],
  attempts_max: 5,
  retention: {
    group_by: 'paths',
    keep: {
      last: 3,
      hourly: 24,
      daily: 'unlimited',
      weekly: 5,
      monthly: 12,
      quarterly: 8,
      yearly: 10,
      within: '2y5m7d3h',
      within_hourly: '1d',
      within_daily: '7d',
      within_weekly: '1m',
      within_monthly: '1y',
      within_yearly: '75y',
      tags: ['keep', 'a,b'],
      ids: ['0a1b2c3d'],
    },
  },
  prune: { ...schedule, missed: 'skip', zone: 'agent' },
  verify: { schedule, depth: { depth: 'sampled', percent: 7 } },
  hooks: [
    {
      when: 'before',
      command: ['sh', '-c', 'echo "it is" && sync'],
      timeout_seconds: 30,
      allowed_exit_codes: [0, 3],
      on_failure: 'go_on',
    },
    {
      when: 'failure',
      command: ['C:\\tools\\tell.exe'],
      timeout_seconds: 600,
      allowed_exit_codes: [],
      on_failure: 'fail',
    },
  ],
  limits: {
    nice: 10,
    io_class: 'idle',
    upload_bytes_per_second: 1_024,
    download_bytes_per_second: 12_500_000,
    duration_minutes_max: 90,
    bandwidth: [
      {
        during: { days: ['monday'], from: '08:00', to: '18:00' },
        upload_bytes_per_second: 500_000,
        download_bytes_per_second: null,
      },
    ],
  },
};

test('everything that a plan can say survives the wizard', () => {
  expect(reopened(everything)).toEqual(everything);
});

test('what is read can be saved: no field of it is refused', () => {
  expect(safeParse(draftSchema, draftOfPlan(plan(everything), 'UTC')).issues).toBeUndefined();
});

test('a part of a plan that this page does not know yet stays', () => {
  const was = { ...everything, younger: 1 } as PlanSpec;
  expect(specOf(draftOfPlan(plan(was), 'UTC'), was)).toEqual(was);
});

test('a plan of two lines is not given what it did not say', () => {
  const spec = reopened({ sources: ['s'], repositories: ['r'] });
  expect([spec.schedule, spec.retention, spec.prune, spec.verify]).toEqual([null, null, null, null]);
  expect([spec.hooks, spec.after, spec.events, spec.attempts_max]).toEqual([[], [], [], 3]);
});

test('a new plan lacks its name, its sources and its repository, and nothing else', () => {
  const checked = safeParse(draftSchema, newDraft('Europe/Moscow', ''));
  expect(checked.issues?.map(({ path }) => path?.[0]?.key)).toEqual(['name', 'sources', 'repositories']);
});

/** What is said against a plan that is right but for a part. */
const said = (part: (draft: Draft) => Partial<Draft>): string[] | undefined => {
  const draft = { ...newDraft('Europe/Moscow', 's'), name: 'n', repositories: ['r'] };
  return safeParse(draftSchema, { ...draft, ...part(draft) }).issues?.map(({ message }) => message);
};
const rule = (changed: Partial<Draft['schedule']['rules'][number]>) => (draft: Draft) => ({
  schedule: {
    ...draft.schedule,
    rules: draft.schedule.rules.map((one) => ({ ...one, ...changed })),
  },
});

test.each<[string, (draft: Draft) => Partial<Draft>]>([
  ['wizard.wrong.times', rule({ times: ['25:00'] })],
  ['wizard.wrong.days', rule({ kind: 'week', days: [] })],
  ['wizard.wrong.days', rule({ kind: 'month', monthDays: [] })],
  ['wizard.wrong.cron', rule({ kind: 'cron', cron: '0 4 *' })],
  [
    'wizard.wrong.missedMost',
    ({ schedule: was }) => ({ schedule: { ...was, missed: 'all', missedMost: '101' } }),
  ],
  [
    'wizard.wrong.command',
    () => ({ hooks: [{ when: 'before', command: `sh -c 'x`, seconds: '1', codes: '', onFailure: 'fail' }] }),
  ],
  [
    'wizard.wrong.seconds',
    () => ({ hooks: [{ when: 'before', command: 'x', seconds: '0', codes: '', onFailure: 'fail' }] }),
  ],
  ['wizard.wrong.rate', ({ limits }) => ({ limits: { ...limits, upload: '0.0001' } })],
  ['wizard.wrong.events', () => ({ events: 'two words' })],
  ['wizard.wrong.plan', () => ({ after: [{ plan: '', when: 'ended' }] })],
  ['wizard.wrong.period', ({ keep }) => ({ keep: { ...keep, within: 'a week' } })],
])('%s', (message, part) => {
  expect(said(part)).toEqual([message]);
});
