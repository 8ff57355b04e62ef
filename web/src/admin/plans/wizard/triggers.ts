//! What sets a plan going beside its schedule, and what it waits for, as a form has it, and as the server takes it.
import * as v from 'valibot';
import { say } from '../../form/schema';
import type { PlanSpec } from '../plans';
import { linesIn, linesOf } from './lines';

export const AFTER_ENDS = ['succeeded', 'failed', 'ended'] as const;
/** Of each kind, as the server takes them. */
export const TRIGGERS_MAX = 32;
const EVENT = /^[A-Za-z0-9._-]{1,64}$/;
const ATTEMPTS_USUAL = 3;

const plan = () => v.pipe(v.string(), v.nonEmpty(say('wizard.wrong.plan')));

export const triggersEntries = {
  after: v.array(v.object({ plan: plan(), when: v.picklist(AFTER_ENDS) })),
  dependsOn: v.array(v.object({ plan: plan(), mustSucceed: v.boolean() })),
  events: v.pipe(
    v.string(),
    v.check((written) => linesIn(written).every((name) => EVENT.test(name)), say('wizard.wrong.events')),
  ),
  attempts: v.pipe(v.string(), v.trim(), v.regex(/^([1-9]|1\d|20)$/, say('wizard.wrong.attempts'))),
};
type TriggersDraft = { [Name in keyof typeof triggersEntries]: v.InferInput<(typeof triggersEntries)[Name]> };

export const triggersDraftOf = (spec: Partial<PlanSpec>): TriggersDraft => ({
  after: (spec.after ?? []).map(({ plan, when = 'succeeded' }) => ({ plan, when })),
  dependsOn: (spec.depends_on ?? []).map(({ plan, must_succeed = false }) => ({
    plan,
    mustSucceed: must_succeed,
  })),
  events: linesOf(spec.events),
  attempts: String(spec.attempts_max ?? ATTEMPTS_USUAL),
});

export const triggersOf = (draft: TriggersDraft) => ({
  after: draft.after,
  depends_on: draft.dependsOn.map(({ plan, mustSucceed }) => ({ plan, must_succeed: mustSucceed })),
  events: linesIn(draft.events),
  attempts_max: Number(draft.attempts),
});
