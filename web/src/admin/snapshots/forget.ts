import * as v from 'valibot';
import type { Schemas } from '../../api/types';
import type { ForgetState } from '../../routes/adminKeep';
import { lineOrNot, say } from '../form/schema';

/** So many of each, in the order in which the form asks. */
export const COUNTS = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
type CountName = (typeof COUNTS)[number];

const count = () => v.pipe(v.string(), v.trim(), v.regex(/^\d{0,6}$/, say('form.count')));

/** The rule as it is written: it stands in the page's address, so that somebody else can be shown what it would do. */
export const ruleSchema = () =>
  v.pipe(
    v.object({
      last: count(),
      hourly: count(),
      daily: count(),
      weekly: count(),
      monthly: count(),
      yearly: count(),
      within: v.pipe(v.string(), v.trim(), v.regex(/^([0-9]{1,4}[ymdh])*$/, say('forget.within.wrong'))),
      host: lineOrNot(),
      tag: lineOrNot(),
    }),
    v.forward(
      v.check((rule) => keepsSomething(rule), say('forget.nothing')),
      ['last'],
    ),
  );

type Written = Pick<ForgetState, CountName | 'within' | 'host' | 'tag'>;

export const keepsSomething = (rule: Pick<Written, CountName | 'within'>): boolean =>
  rule.within !== '' || COUNTS.some((name) => Number(rule[name]) > 0);

/** What is asked for, of a rule and of what it is about. */
export function wantedOf(rule: Written): Omit<Schemas['ForgetSpec'], 'repository'> {
  const counts = COUNTS.filter((name) => Number(rule[name]) > 0).map((name) => [name, Number(rule[name])]);
  const keep = { ...Object.fromEntries(counts), ...(rule.within && { within: rule.within }) };
  return {
    retention: { keep } as Schemas['RetentionPolicy'],
    ...(rule.host && { hosts: [rule.host] }),
    ...(rule.tag && { tag: rule.tag }),
  };
}
