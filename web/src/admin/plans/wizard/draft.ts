//! A plan as the wizard has it, and as the server takes it.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import type { AdminWords } from '../../../i18n/admin';
import type { WizardStep } from '../../../routes/adminWatch';
import { countOrNot, line } from '../../form/schema';
import type { Plan, PlanSpec } from '../plans';
import { DAYS } from '../words';
import { draftOf, newSchedule, SCHEDULE_KINDS, type ScheduleDraft, scheduleOf } from './schedule';

export const KEEP_RULES = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type KeepRule = (typeof KEEP_RULES)[number];

const say = (key: keyof AdminWords): string => key;
const MEGABYTE = 1e6;
const ALL = 'unlimited';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Only what the chosen kind shows is checked: what is not seen cannot be put right. */
const schedule = v.pipe(
  v.object({
    kind: v.picklist(SCHEDULE_KINDS),
    hours: v.string(),
    minute: v.pipe(v.string(), v.regex(/^([0-5]?\d)?$/, say('wizard.wrong.minute'))),
    times: v.pipe(v.array(v.string()), v.minLength(1, say('wizard.wrong.times')), timesAre()),
    days: v.array(v.picklist(DAYS)),
    monthDays: v.array(v.string()),
    cron: v.string(),
    zone: v.picklist(['agent', 'named']),
    place: v.string(),
    jitter: v.pipe(v.string(), v.regex(/^\d{0,4}$/, say('form.count'))),
    missed: v.picklist(['once', 'skip', 'all']),
    windowFrom: timeOrNot(),
    windowTo: timeOrNot(),
    blackouts: v.array(
      v.object({
        from: v.pipe(v.string(), v.regex(DATE, say('form.day'))),
        to: v.string(),
        reason: v.pipe(v.string(), v.maxLength(256, say('form.long'))),
        yearly: v.boolean(),
      }),
    ),
  }),
  v.forward(
    v.check(({ kind, days }) => kind !== 'week' || days.length > 0, say('wizard.wrong.days')),
    ['days'],
  ),
  v.forward(
    v.check(({ kind, monthDays }) => kind !== 'month' || monthDays.length > 0, say('wizard.wrong.days')),
    ['monthDays'],
  ),
  v.forward(
    v.check(
      ({ kind, cron }) => kind !== 'cron' || cron.trim().split(/\s+/).length === 5,
      say('wizard.wrong.cron'),
    ),
    ['cron'],
  ),
  v.forward(
    v.check(({ windowFrom, windowTo }) => !windowFrom === !windowTo, say('wizard.wrong.window')),
    ['windowTo'],
  ),
);

function timeOrNot() {
  return v.pipe(v.string(), v.trim(), v.regex(/^(([01]\d|2[0-3]):[0-5]\d)?$/, say('wizard.wrong.times')));
}

function timesAre() {
  return v.check<string[], string>(
    (times) => times.every((time) => TIME.test(time)),
    say('wizard.wrong.times'),
  );
}

const keep = () => v.pipe(v.string(), v.trim(), v.regex(/^(\d{0,4}|unlimited)$/, say('form.count')));

export const draftSchema = v.object({
  name: line(),
  enabled: v.boolean(),
  sources: v.pipe(v.array(v.string()), v.minLength(1, say('wizard.wrong.sources'))),
  exclude: v.string(),
  excludeIfPresent: v.string(),
  excludeCaches: v.boolean(),
  oneFileSystem: v.boolean(),
  gitignore: v.boolean(),
  skipUnchanged: v.boolean(),
  largerThan: countOrNot(),
  tags: v.string(),
  repositories: v.pipe(v.array(v.string()), v.minLength(1, say('wizard.wrong.repositories'))),
  mode: v.picklist(['sequential', 'copy']),
  schedule,
  isKeeping: v.boolean(),
  keep: v.object({
    last: keep(),
    hourly: keep(),
    daily: keep(),
    weekly: keep(),
    monthly: keep(),
    yearly: keep(),
  }),
  isPruning: v.boolean(),
  prune: schedule,
  isVerifying: v.boolean(),
  verify: schedule,
  depth: v.picklist(['metadata', 'sampled', 'full']),
  percent: v.pipe(v.string(), v.regex(/^([1-9]\d?|100)$/, say('wizard.wrong.percent'))),
});

export type Draft = v.InferInput<typeof draftSchema>;

/** Which step shows a field: where to go when the server, or the check before, refuses it. */
export const FIELDS: Record<WizardStep, readonly (keyof Draft)[]> = {
  what: ['name', 'sources'],
  capture: [
    'exclude',
    'excludeIfPresent',
    'excludeCaches',
    'oneFileSystem',
    'gitignore',
    'skipUnchanged',
    'largerThan',
    'tags',
  ],
  where: ['repositories', 'mode'],
  when: ['schedule'],
  keep: ['isKeeping', 'keep', 'isPruning', 'prune', 'isVerifying', 'verify', 'depth', 'percent'],
  check: ['enabled'],
};

export const STEPS = Object.keys(FIELDS) as WizardStep[];

/** A plan that one would want: every night, a week of days, a month of weeks, a year of months, proved every Sunday. */
export function newDraft(place: string, source: string): Draft {
  return {
    name: '',
    enabled: true,
    sources: source ? [source] : [],
    exclude: '',
    excludeIfPresent: '',
    excludeCaches: true,
    oneFileSystem: false,
    gitignore: false,
    skipUnchanged: false,
    largerThan: '',
    tags: '',
    repositories: [],
    mode: 'copy',
    schedule: newSchedule('day', '22:00', place),
    isKeeping: true,
    keep: { last: '', hourly: '', daily: '7', weekly: '5', monthly: '12', yearly: '' },
    isPruning: true,
    prune: { ...newSchedule('week', '03:00', place), days: ['sunday'], zone: 'named', jitter: '0' },
    isVerifying: true,
    verify: { ...newSchedule('week', '05:00', place), days: ['sunday'], zone: 'named', jitter: '0' },
    depth: 'sampled',
    percent: '5',
  };
}

export function draftOfPlan({ name, enabled, spec }: Plan, place: string): Draft {
  const otherwise = newDraft(place, '');
  const { capture, verify } = spec;
  const kept = spec.retention?.keep;
  return {
    ...otherwise,
    name,
    enabled,
    sources: spec.sources,
    exclude: linesOf(capture?.exclude),
    excludeIfPresent: linesOf(capture?.exclude_if_present),
    excludeCaches: capture?.exclude_caches ?? false,
    oneFileSystem: capture?.one_file_system ?? false,
    gitignore: capture?.gitignore ?? false,
    skipUnchanged: capture?.skip_if_unchanged ?? false,
    largerThan: capture?.exclude_larger_than ? String(capture.exclude_larger_than / MEGABYTE) : '',
    tags: (spec.tags ?? []).join(', '),
    repositories: spec.repositories,
    mode: spec.repository_mode ?? 'sequential',
    schedule: draftOf(spec.schedule, otherwise.schedule),
    isKeeping: spec.retention != null,
    keep: spec.retention
      ? (Object.fromEntries(KEEP_RULES.map((rule) => [rule, countText(kept?.[rule])])) as Draft['keep'])
      : otherwise.keep,
    isPruning: spec.prune != null,
    prune: spec.prune ? draftOf(spec.prune, otherwise.prune) : otherwise.prune,
    isVerifying: verify != null,
    verify: verify ? draftOf(verify.schedule, otherwise.verify) : otherwise.verify,
    depth: verify?.depth?.depth ?? otherwise.depth,
    percent: verify?.depth?.depth === 'sampled' ? String(verify.depth.percent) : otherwise.percent,
  };
}

/** What the server takes. `was`: what the plan said before; hooks, limits and all else that the wizard does not show stay. */
export function specOf(draft: Draft, was: PlanSpec | null): PlanSpec {
  const tags = draft.tags.split(',').map((tag) => tag.trim());
  return {
    ...was,
    sources: draft.sources,
    repositories: draft.repositories,
    repository_mode: draft.mode,
    capture: captureOf(draft, was),
    tags: tags.filter(Boolean),
    schedule: scheduleOf(draft.schedule, was?.schedule),
    retention: draft.isKeeping ? retentionOf(draft, was) : null,
    prune: draft.isPruning ? scheduleOf(draft.prune, was?.prune) : null,
    verify: verifyOf(draft, was),
  };
}

function captureOf(draft: Draft, was: PlanSpec | null): Schemas['CaptureOptions'] {
  const larger = Number(draft.largerThan);
  // What is not said is as by default: the server's types name every field.
  return {
    ...was?.capture,
    exclude: linesIn(draft.exclude),
    exclude_if_present: linesIn(draft.excludeIfPresent),
    exclude_caches: draft.excludeCaches,
    one_file_system: draft.oneFileSystem,
    gitignore: draft.gitignore,
    skip_if_unchanged: draft.skipUnchanged,
    exclude_larger_than: larger > 0 ? Math.round(larger * MEGABYTE) : null,
  } as Schemas['CaptureOptions'];
}

function retentionOf({ keep: counts }: Draft, was: PlanSpec | null): Schemas['RetentionPolicy'] {
  const rules = KEEP_RULES.map((rule) => [rule, counts[rule] === ALL ? ALL : Number(counts[rule] || 0)]);
  const kept = { ...was?.retention?.keep, ...Object.fromEntries(rules) } as Schemas['Retention'];
  return { group_by: was?.retention?.group_by ?? 'host,paths', keep: kept };
}

function verifyOf(draft: Draft, was: PlanSpec | null): Schemas['VerifyRule'] | null {
  const when = draft.isVerifying ? scheduleOf(draft.verify, was?.verify?.schedule) : null;
  if (!when) return null;
  const depth: Schemas['VerifyDepth'] =
    draft.depth === 'sampled' ? { depth: 'sampled', percent: Number(draft.percent) } : { depth: draft.depth };
  return { schedule: when, depth };
}

const linesOf = (lines: readonly string[] | undefined): string => (lines ?? []).join('\n');
const linesIn = (written: string): string[] =>
  written
    .split('\n')
    .map((one) => one.trim())
    .filter(Boolean);
const countText = (count: Schemas['Count'] | undefined): string =>
  count === undefined || count === 0 ? '' : String(count);

export type { ScheduleDraft };
