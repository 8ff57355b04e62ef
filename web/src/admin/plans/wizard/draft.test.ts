import { safeParse } from 'valibot';
import { expect, test } from 'vitest';
import type { Plan, PlanSpec } from '../plans';
import { draftOfPlan, draftSchema, newDraft, specOf } from './draft';

const plan = (spec: Partial<PlanSpec>): Plan => ({
  uid: 'p',
  name: 'Every night',
  enabled: true,
  created_at: '2026-11-01T00:00:00Z',
  changed_at: '2026-11-01T00:00:00Z',
  version: 1,
  spec: { sources: ['s'], repositories: ['r'], ...spec },
});

/** What a plan says after it was opened in the wizard and saved untouched. */
const reopened = (spec: Partial<PlanSpec>): PlanSpec => {
  const kept = plan(spec);
  return specOf(draftOfPlan(kept, 'Europe/Moscow'), kept.spec);
};

test('a schedule survives the wizard', () => {
  const schedule: PlanSpec['schedule'] = {
    rules: [{ calendar: { every: 'week', on: ['monday', 'friday'], at: ['08:00', '20:30'] } }],
    zone: { named: 'Europe/Berlin' },
    jitter_seconds: 900,
    missed: 'skip',
    windows: [{ days: [], from: '20:00', to: '06:00' }],
    blackouts: [{ from: '2026-12-24', to: '2026-12-26', reason: 'closed', yearly: true }],
  };
  expect(reopened({ schedule }).schedule).toEqual(schedule);
});

test('what the wizard has no words for stays as it is', () => {
  const rules: NonNullable<PlanSpec['schedule']>['rules'] = [
    { calendar: { every: 'month', on: [{ weekday: { nth: 'last', day: 'friday' } }], at: ['22:00'] } },
    { cron: '0 4 * * 0' },
  ];
  const hooks: PlanSpec['hooks'] = [{ when: 'before', command: ['sync'] }];
  const spec = reopened({ schedule: { rules, missed: { all: 3 } }, hooks, events: ['deploy'] });
  expect(spec.schedule?.rules).toEqual(rules);
  expect(spec.schedule?.missed).toEqual({ all: 3 });
  expect([spec.hooks, spec.events]).toEqual([hooks, ['deploy']]);
});

test('without retention nothing is forgotten', () => {
  expect(reopened({}).retention).toBeNull();
});

test('a new plan lacks its name, its sources and its repository, and nothing else', () => {
  const checked = safeParse(draftSchema, newDraft('Europe/Moscow', ''));
  expect(checked.issues?.map(({ path }) => path?.[0]?.key)).toEqual(['name', 'sources', 'repositories']);
});

test('a time is written as clocks show it', () => {
  const draft = newDraft('Europe/Moscow', 's');
  const checked = safeParse(draftSchema, {
    ...draft,
    name: 'n',
    repositories: ['r'],
    schedule: { ...draft.schedule, times: ['25:00'] },
  });
  expect(checked.issues?.map(({ message }) => message)).toEqual(['wizard.wrong.times']);
});
