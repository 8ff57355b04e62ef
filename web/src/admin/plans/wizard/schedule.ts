//! A schedule as a form has it, and as the server takes it. What the form has no words for is kept as it is.
import type { Schemas } from '../../../api/types';
import type { Schedule } from '../plans';
import { DAYS, type Day } from '../words';

type Rule = Schemas['Rule'];
type Missed = Schemas['Missed'];

export const SCHEDULE_KINDS = ['never', 'hours', 'day', 'week', 'month', 'cron', 'kept'] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

export interface ScheduleDraft {
  /** `kept`: rules that the form cannot show, and leaves alone. */
  kind: ScheduleKind;
  hours: string;
  minute: string;
  times: string[];
  days: Day[];
  /** `1` to `31`, or `last`. */
  monthDays: string[];
  cron: string;
  zone: 'agent' | 'named';
  place: string;
  jitter: string;
  missed: 'once' | 'skip' | 'all';
  windowFrom: string;
  windowTo: string;
  blackouts: BlackoutDraft[];
}

export interface BlackoutDraft {
  from: string;
  to: string;
  reason: string;
  yearly: boolean;
}

const MINUTE_SECONDS = 60;

export function newSchedule(kind: ScheduleKind, time: string, place: string): ScheduleDraft {
  return {
    kind,
    hours: '4',
    minute: '0',
    times: [time],
    days: DAYS.slice(0, 5),
    monthDays: ['1'],
    cron: '0 22 * * 1-5',
    zone: 'agent',
    place,
    jitter: '30',
    missed: 'once',
    windowFrom: '',
    windowTo: '',
    blackouts: [],
  };
}

export function draftOf(schedule: Schedule | null | undefined, otherwise: ScheduleDraft): ScheduleDraft {
  if (!schedule) return { ...otherwise, kind: 'never' };
  const { zone = 'agent', windows = [], blackouts = [], missed = 'once' } = schedule;
  const [window] = windows;
  return {
    ...otherwise,
    ...rulesOf(schedule.rules, otherwise),
    ...(zone === 'agent' ? { zone } : { zone: 'named', place: zone.named }),
    jitter: String(Math.round((schedule.jitter_seconds ?? 0) / MINUTE_SECONDS)),
    missed: typeof missed === 'string' ? missed : 'all',
    windowFrom: window?.from ?? '',
    windowTo: window?.to ?? '',
    blackouts: blackouts.map(({ from, to, reason = '', yearly = false }) => ({ from, to, reason, yearly })),
  };
}

function rulesOf(rules: readonly Rule[], otherwise: ScheduleDraft): Partial<ScheduleDraft> {
  const [rule] = rules;
  if (!rule || rules.length > 1) return { kind: 'kept' };
  if ('cron' in rule) return { kind: 'cron', cron: rule.cron };
  const said = rule.calendar;
  switch (said.every) {
    case 'hours':
      return { kind: 'hours', hours: String(said.count ?? 1), minute: String(said.minute ?? 0) };
    case 'day':
      return { kind: 'day', times: said.at };
    case 'week':
      return { kind: 'week', times: said.at, days: said.on };
    case 'month': {
      const days = said.on.map((day) => (day === 'last' ? 'last' : 'day' in day ? String(day.day) : null));
      if (days.some((day) => day === null)) return { kind: 'kept' };
      return { kind: 'month', times: said.at, monthDays: days as string[] };
    }
    case 'year':
      return { kind: 'kept', times: otherwise.times };
  }
}

/** Null: never by itself. `was` is what the plan said before, of which the form leaves alone what it does not show. */
export function scheduleOf(draft: ScheduleDraft, was: Schedule | null | undefined): Schedule | null {
  if (draft.kind === 'never') return null;
  const wasMissed: Missed | undefined = typeof was?.missed === 'object' ? was.missed : undefined;
  return {
    rules: draft.kind === 'kept' ? (was?.rules ?? []) : [ruleOf(draft)],
    zone: draft.zone === 'agent' ? 'agent' : { named: draft.place },
    jitter_seconds: Number(draft.jitter || 0) * MINUTE_SECONDS,
    missed: draft.missed === 'all' ? (wasMissed ?? 'once') : draft.missed,
    windows: windowsOf(draft, was),
    blackouts: draft.blackouts.map(({ from, to, reason, yearly }) => ({
      from,
      to: to || from,
      reason,
      yearly,
    })),
  };
}

function windowsOf({ windowFrom, windowTo }: ScheduleDraft, was: Schedule | null | undefined) {
  const [first, ...others] = was?.windows ?? [];
  if (!windowFrom || !windowTo) return [];
  return [{ days: first?.days ?? [], from: windowFrom, to: windowTo }, ...others];
}

function ruleOf(draft: ScheduleDraft): Rule {
  const at = [...draft.times].sort();
  switch (draft.kind) {
    case 'hours':
      return { calendar: { every: 'hours', count: Number(draft.hours), minute: Number(draft.minute || 0) } };
    case 'week':
      return { calendar: { every: 'week', on: DAYS.filter((day) => draft.days.includes(day)), at } };
    case 'month': {
      const on = draft.monthDays.map((day) => (day === 'last' ? ('last' as const) : { day: Number(day) }));
      return { calendar: { every: 'month', on, at } };
    }
    case 'cron':
      return { cron: draft.cron.trim().replace(/\s+/g, ' ') };
    case 'day':
    case 'never':
    case 'kept':
      return { calendar: { every: 'day', at } };
  }
}
