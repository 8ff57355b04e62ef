//! How long snapshots are kept, as a form has it, and as the server takes it.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { say } from '../../form/schema';
import { linesIn, linesOf } from './lines';

type Policy = Schemas['RetentionPolicy'];
export const KEEP_RULES = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
export const WITHIN_RULES = [
  'within',
  'within_hourly',
  'within_daily',
  'within_weekly',
  'within_monthly',
  'within_yearly',
] as const;
export type KeepRule = (typeof KEEP_RULES)[number];
type WithinRule = (typeof WITHIN_RULES)[number];
/** Among whom rules count: those that a form has words for. A plan may say another one, and keeps it. */
export const GROUPINGS = ['host,paths', 'host', 'paths', 'tags', 'host,tags', 'all'] as const;
const ALL = 'unlimited';

const count = () => v.pipe(v.string(), v.trim(), v.regex(/^(\d{0,4}|unlimited)$/, say('form.count')));
const period = () => v.pipe(v.string(), v.trim(), v.regex(/^(\d{1,4}[ymdh])*$/, say('wizard.wrong.period')));
const each = <K extends string, S>(names: readonly K[], of: () => S) =>
  Object.fromEntries(names.map((name) => [name, of()])) as Record<K, S>;

export const keepSchema = v.object({
  ...each(KEEP_RULES, count),
  ...each(WITHIN_RULES, period),
  tags: v.string(),
  ids: v.pipe(
    v.string(),
    v.check(
      (written) => linesIn(written).every((id) => /^[0-9a-fA-F]{1,64}$/.test(id)),
      say('wizard.wrong.ids'),
    ),
  ),
  groupBy: v.string(),
});
export type KeepDraft = v.InferInput<typeof keepSchema>;

/** A week of days, a month of weeks, a year of months. */
export const newKeep = (): KeepDraft => ({
  ...keepDraftOf({}),
  daily: '7',
  weekly: '5',
  monthly: '12',
});

export function keepDraftOf({ keep, group_by = 'host,paths' }: Partial<Policy>): KeepDraft {
  const counts = Object.fromEntries(KEEP_RULES.map((rule) => [rule, written(keep?.[rule])]));
  const periods = Object.fromEntries(WITHIN_RULES.map((rule) => [rule, keep?.[rule] ?? '']));
  return {
    ...(counts as Record<KeepRule, string>),
    ...(periods as Record<WithinRule, string>),
    tags: linesOf(keep?.tags),
    ids: linesOf(keep?.ids),
    groupBy: group_by || 'all',
  };
}

export function retentionOf(draft: KeepDraft): Policy {
  const counts = Object.fromEntries(
    KEEP_RULES.map((rule) => [rule, draft[rule] === ALL ? ALL : Number(draft[rule] || 0)]),
  );
  const periods = Object.fromEntries(WITHIN_RULES.map((rule) => [rule, draft[rule].trim()]));
  return {
    group_by: draft.groupBy === 'all' ? '' : draft.groupBy,
    keep: {
      ...(counts as Record<KeepRule, Schemas['Count']>),
      ...(periods as Record<WithinRule, string>),
      tags: linesIn(draft.tags),
      ids: linesIn(draft.ids),
    },
  };
}

const written = (kept: Schemas['Count'] | undefined): string =>
  kept === undefined || kept === 0 ? '' : String(kept);
