//! One rule of a schedule as a form has it, and as the server takes it.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { say } from '../../form/schema';
import { DAYS, type Day } from '../words';

type Rule = Schemas['Rule'];
type Calendar = Schemas['Calendar'];
export type Nth = Schemas['Nth'];

export const RULE_KINDS = ['never', 'hours', 'day', 'week', 'month', 'year', 'cron'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];
export const NTHS: readonly Nth[] = ['first', 'second', 'third', 'fourth', 'last'];
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** All kinds at once: who tries another one finds what was written in the first again. */
export interface RuleDraft {
  /** `never`: only by hand, which no other rule goes with. */
  kind: RuleKind;
  hours: string;
  minute: string;
  times: string[];
  days: Day[];
  /** `1` to `31`, or `last`. */
  monthDays: string[];
  /** As the last Friday. */
  weekdays: { nth: Nth; day: Day }[];
  month: string;
  yearDay: string;
  cron: string;
}

export const ruleSchema = v.pipe(
  v.object({
    kind: v.picklist(RULE_KINDS),
    hours: v.string(),
    minute: v.pipe(v.string(), v.regex(/^([0-5]?\d)?$/, say('wizard.wrong.minute'))),
    times: v.pipe(
      v.array(v.string()),
      v.minLength(1, say('wizard.wrong.times')),
      v.check<string[], string>((times) => times.every((time) => TIME.test(time)), say('wizard.wrong.times')),
    ),
    days: v.array(v.picklist(DAYS)),
    monthDays: v.array(v.string()),
    weekdays: v.array(v.object({ nth: v.picklist(NTHS), day: v.picklist(DAYS) })),
    month: v.string(),
    yearDay: v.pipe(v.string(), v.regex(/^([1-9]|[12]\d|3[01])$/, say('wizard.wrong.yearDay'))),
    cron: v.string(),
  }),
  v.forward(
    v.check(({ kind, days }) => kind !== 'week' || days.length > 0, say('wizard.wrong.days')),
    ['days'],
  ),
  v.forward(
    v.check(
      ({ kind, monthDays, weekdays }) => kind !== 'month' || monthDays.length + weekdays.length > 0,
      say('wizard.wrong.days'),
    ),
    ['monthDays'],
  ),
  v.forward(
    v.check(
      ({ kind, cron }) => kind !== 'cron' || cron.trim().split(/\s+/).length === 5,
      say('wizard.wrong.cron'),
    ),
    ['cron'],
  ),
);

export const newRule = (kind: RuleKind, time: string): RuleDraft => ({
  kind,
  hours: '4',
  minute: '0',
  times: [time],
  days: DAYS.slice(0, 5),
  monthDays: ['1'],
  weekdays: [],
  month: '1',
  yearDay: '1',
  cron: '0 22 * * 1-5',
});

export function ruleDraftOf(rule: Rule, otherwise: RuleDraft): RuleDraft {
  if ('cron' in rule) return { ...otherwise, kind: 'cron', cron: rule.cron };
  const said = rule.calendar;
  switch (said.every) {
    case 'hours':
      return {
        ...otherwise,
        kind: 'hours',
        hours: String(said.count ?? 1),
        minute: String(said.minute ?? 0),
      };
    case 'day':
      return { ...otherwise, kind: 'day', times: said.at };
    case 'week':
      return { ...otherwise, kind: 'week', times: said.at, days: said.on };
    case 'month':
      return { ...otherwise, kind: 'month', times: said.at, ...monthOf(said.on) };
    case 'year':
      return {
        ...otherwise,
        kind: 'year',
        times: said.at,
        month: String(said.month),
        yearDay: String(said.day),
      };
  }
}

function monthOf(on: readonly Schemas['MonthDay'][]): Pick<RuleDraft, 'monthDays' | 'weekdays'> {
  const monthDays: string[] = [];
  const weekdays: RuleDraft['weekdays'] = [];
  for (const day of on) {
    if (day === 'last') monthDays.push('last');
    else if ('day' in day) monthDays.push(String(day.day));
    else weekdays.push(day.weekday);
  }
  return { monthDays, weekdays };
}

/** Null: never by itself. */
export function ruleOf(draft: RuleDraft): Rule | null {
  if (draft.kind === 'never') return null;
  return draft.kind === 'cron' ? { cron: draft.cron.trim() } : { calendar: calendarOf(draft, draft.kind) };
}

function calendarOf(draft: RuleDraft, kind: Exclude<RuleKind, 'never' | 'cron'>): Calendar {
  const at = [...draft.times].sort();
  switch (kind) {
    case 'hours':
      return { every: 'hours', count: Number(draft.hours), minute: Number(draft.minute || 0) };
    case 'day':
      return { every: 'day', at };
    case 'week':
      return { every: 'week', on: DAYS.filter((day) => draft.days.includes(day)), at };
    case 'month': {
      const days = draft.monthDays.map((day) => (day === 'last' ? ('last' as const) : { day: Number(day) }));
      return { every: 'month', on: [...days, ...draft.weekdays.map((weekday) => ({ weekday }))], at };
    }
    case 'year':
      return { every: 'year', month: Number(draft.month), day: Number(draft.yearDay), at };
  }
}
