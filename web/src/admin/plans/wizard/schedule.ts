//! A schedule as a form has it, and as the server takes it.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { say } from '../../form/schema';
import type { Schedule } from '../plans';
import { newRule, type RuleDraft, type RuleKind, ruleDraftOf, ruleOf, ruleSchema } from './rule';
import { type WindowDraft, windowDraftOf, windowOf, windowSchema } from './window';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MINUTE_SECONDS = 60;

export interface BlackoutDraft {
  from: string;
  to: string;
  reason: string;
  yearly: boolean;
}

export interface ScheduleDraft {
  /** At least one; it runs whenever one of them says so. */
  rules: RuleDraft[];
  zone: 'agent' | 'named';
  place: string;
  /** Minutes, with a part of one after a point. */
  jitter: string;
  missed: 'once' | 'skip' | 'all';
  /** How many are made up for, with `all`. */
  missedMost: string;
  windows: WindowDraft[];
  blackouts: BlackoutDraft[];
}

export const scheduleSchema = v.pipe(
  v.object({
    rules: v.pipe(v.array(ruleSchema), v.minLength(1)),
    zone: v.picklist(['agent', 'named']),
    place: v.string(),
    jitter: v.pipe(v.string(), v.trim(), v.regex(/^(\d{1,4}([.,]\d{1,3})?)?$/, say('form.count'))),
    missed: v.picklist(['once', 'skip', 'all']),
    missedMost: v.string(),
    windows: v.array(windowSchema),
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
    v.check(
      ({ missed, missedMost }) => missed !== 'all' || /^([1-9]\d?|100)$/.test(missedMost),
      say('wizard.wrong.missedMost'),
    ),
    ['missedMost'],
  ),
);

export const newSchedule = (kind: RuleKind, time: string, place: string): ScheduleDraft => ({
  rules: [newRule(kind, time)],
  zone: 'agent',
  place,
  jitter: '30',
  missed: 'once',
  missedMost: '10',
  windows: [],
  blackouts: [],
});

export function draftOf(schedule: Schedule | null | undefined, otherwise: ScheduleDraft): ScheduleDraft {
  const [usual = newRule('day', '22:00')] = otherwise.rules;
  if (!schedule) return { ...otherwise, rules: [{ ...usual, kind: 'never' }] };
  const { rules, zone = 'agent', windows = [], blackouts = [], missed = 'once' } = schedule;
  return {
    ...otherwise,
    rules: rules.map((rule) => ruleDraftOf(rule, usual)),
    ...(zone === 'agent' ? { zone } : { zone: 'named' as const, place: zone.named }),
    jitter: String(Number(((schedule.jitter_seconds ?? 0) / MINUTE_SECONDS).toFixed(3))),
    ...(typeof missed === 'string' ? { missed } : { missed: 'all' as const, missedMost: String(missed.all) }),
    windows: windows.map(windowDraftOf),
    blackouts: blackouts.map(({ from, to, reason = '', yearly = false }) => ({ from, to, reason, yearly })),
  };
}

/** Null: never by itself. */
export function scheduleOf(draft: ScheduleDraft): Schedule | null {
  const rules = draft.rules.map(ruleOf).filter((rule) => rule !== null);
  if (rules.length === 0) return null;
  return {
    rules,
    zone: draft.zone === 'agent' ? 'agent' : { named: draft.place },
    jitter_seconds: Math.round(Number(draft.jitter.replace(',', '.') || 0) * MINUTE_SECONDS),
    missed: missedOf(draft),
    windows: draft.windows.map(windowOf),
    blackouts: draft.blackouts.map(({ from, to, reason, yearly }) => ({
      from,
      to: to || from,
      reason,
      yearly,
    })),
  };
}

const missedOf = ({ missed, missedMost }: ScheduleDraft): Schemas['Missed'] =>
  missed === 'all' ? { all: Number(missedMost) } : missed;
