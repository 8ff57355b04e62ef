//! A plan as the wizard has it, and as the server takes it: all of it, so that nothing is lost between the two.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import type { WizardStep } from '../../../routes/adminWatch';
import { line, say } from '../../form/schema';
import type { Plan, PlanSpec } from '../plans';
import { captureDraftOf, captureOf, captureSchema } from './capture';
import { hookDraftOf, hookOf, hookSchema } from './hooks';
import { limitsDraftOf, limitsOf, limitsSchema, newLimits } from './limits';
import { keepDraftOf, keepSchema, newKeep, retentionOf } from './retention';
import { draftOf, newSchedule, scheduleOf, scheduleSchema } from './schedule';
import { triggersDraftOf, triggersEntries, triggersOf } from './triggers';

export const STORAGE_CLASSES = ['hot', 'warm', 'cold'] as const;
export const VISIBILITIES = ['owner', 'shared', 'hidden'] as const;

export const draftSchema = v.object({
  name: line(),
  enabled: v.boolean(),
  sources: v.pipe(v.array(v.string()), v.minLength(1, say('wizard.wrong.sources'))),
  capture: captureSchema,
  tags: v.string(),
  repositories: v.pipe(v.array(v.string()), v.minLength(1, say('wizard.wrong.repositories'))),
  mode: v.picklist(['sequential', 'copy']),
  storageClass: v.picklist(STORAGE_CLASSES),
  visibility: v.picklist(VISIBILITIES),
  schedule: scheduleSchema,
  isKeeping: v.boolean(),
  keep: keepSchema,
  isPruning: v.boolean(),
  prune: scheduleSchema,
  isVerifying: v.boolean(),
  verify: scheduleSchema,
  depth: v.picklist(['metadata', 'sampled', 'full']),
  percent: v.pipe(v.string(), v.regex(/^([1-9]\d?|100)$/, say('wizard.wrong.percent'))),
  hooks: v.array(hookSchema),
  limits: limitsSchema,
  ...triggersEntries,
});

export type Draft = v.InferInput<typeof draftSchema>;

/** Which step shows a field: where to go when the server, or the check before, refuses it. */
export const FIELDS: Record<WizardStep, readonly (keyof Draft)[]> = {
  what: ['name', 'sources'],
  capture: ['capture', 'tags'],
  where: ['repositories', 'mode', 'storageClass', 'visibility'],
  when: ['schedule', 'after', 'dependsOn', 'events'],
  keep: ['isKeeping', 'keep', 'isPruning', 'prune', 'isVerifying', 'verify', 'depth', 'percent'],
  around: ['hooks', 'limits', 'attempts'],
  check: ['enabled'],
};

export const STEPS = Object.keys(FIELDS) as WizardStep[];

/** A plan that one would want: every night, a week of days, a month of weeks, a year of months, proved every Sunday. */
export function newDraft(place: string, source: string): Draft {
  const onSundays = (time: string): Draft['prune'] => {
    const schedule = newSchedule('week', time, place);
    const rules = schedule.rules.map((rule) => ({ ...rule, days: ['sunday' as const] }));
    return { ...schedule, rules, zone: 'named', jitter: '0' };
  };
  return {
    name: '',
    enabled: true,
    sources: source ? [source] : [],
    capture: captureDraftOf({ exclude_caches: true }),
    tags: '',
    repositories: [],
    mode: 'copy',
    storageClass: 'hot',
    visibility: 'shared',
    schedule: newSchedule('day', '22:00', place),
    isKeeping: true,
    keep: newKeep(),
    isPruning: true,
    prune: onSundays('03:00'),
    isVerifying: true,
    verify: onSundays('05:00'),
    depth: 'sampled',
    percent: '5',
    hooks: [],
    limits: newLimits(),
    ...triggersDraftOf({}),
  };
}

export function draftOfPlan({ name, enabled, spec }: Plan, place: string): Draft {
  const otherwise = newDraft(place, '');
  const { prune, verify, retention } = spec;
  return {
    name,
    enabled,
    sources: spec.sources,
    capture: captureDraftOf(spec.capture),
    tags: (spec.tags ?? []).join(', '),
    repositories: spec.repositories,
    mode: spec.repository_mode ?? 'sequential',
    storageClass: spec.storage_class ?? 'hot',
    visibility: spec.visibility ?? 'shared',
    schedule: draftOf(spec.schedule, otherwise.schedule),
    isKeeping: retention != null,
    keep: retention ? keepDraftOf(retention) : otherwise.keep,
    isPruning: prune != null,
    prune: prune ? draftOf(prune, otherwise.prune) : otherwise.prune,
    isVerifying: verify != null,
    verify: verify ? draftOf(verify.schedule, otherwise.verify) : otherwise.verify,
    depth: verify ? (verify.depth?.depth ?? 'metadata') : otherwise.depth,
    percent: verify?.depth?.depth === 'sampled' ? String(verify.depth.percent) : otherwise.percent,
    hooks: (spec.hooks ?? []).map(hookDraftOf),
    limits: limitsDraftOf(spec.limits),
    ...triggersDraftOf(spec),
  };
}

/** What the server takes. `was`: what the plan said before, of which parts that are younger than this page stay. */
export function specOf(draft: Draft, was: PlanSpec | null): PlanSpec {
  const tags = draft.tags.split(',').map((tag) => tag.trim());
  return {
    ...was,
    sources: draft.sources,
    repositories: draft.repositories,
    repository_mode: draft.mode,
    storage_class: draft.storageClass,
    visibility: draft.visibility,
    capture: captureOf(draft.capture),
    tags: tags.filter(Boolean),
    schedule: scheduleOf(draft.schedule),
    retention: draft.isKeeping ? retentionOf(draft.keep) : null,
    prune: draft.isPruning ? scheduleOf(draft.prune) : null,
    verify: verifyOf(draft),
    hooks: draft.hooks.map(hookOf),
    limits: limitsOf(draft.limits),
    ...triggersOf(draft),
  };
}

function verifyOf(draft: Draft): Schemas['VerifyRule'] | null {
  const schedule = draft.isVerifying ? scheduleOf(draft.verify) : null;
  if (!schedule) return null;
  const depth: Schemas['VerifyDepth'] =
    draft.depth === 'sampled' ? { depth: 'sampled', percent: Number(draft.percent) } : { depth: draft.depth };
  return { schedule, depth };
}
