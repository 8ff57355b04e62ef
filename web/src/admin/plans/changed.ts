import type { Plan, PlanSpec } from './plans';

/** The parts of a plan that have a word of their own. */
const NAMED = [
  'sources',
  'repositories',
  'repository_mode',
  'schedule',
  'retention',
  'prune',
  'verify',
  'capture',
  'hooks',
  'limits',
  'tags',
  'visibility',
  'storage_class',
  'after',
  'depends_on',
  'events',
  'attempts_max',
] as const satisfies readonly (keyof PlanSpec)[];

export type ChangedField = (typeof NAMED)[number] | 'name' | 'enabled' | 'other';

type Said = Pick<Plan, 'name' | 'enabled' | 'spec'>;

/** What one content of a plan says otherwise than another. */
export function changedFields(before: Said, after: Said): ChangedField[] {
  const fields: ChangedField[] = [];
  if (before.name !== after.name) fields.push('name');
  if (before.enabled !== after.enabled) fields.push('enabled');
  fields.push(...NAMED.filter((field) => !isSame(before.spec[field], after.spec[field])));
  const others = (Object.keys({ ...before.spec, ...after.spec }) as (keyof PlanSpec)[]).filter(
    (field) => !(NAMED as readonly string[]).includes(field),
  );
  if (others.some((field) => !isSame(before.spec[field], after.spec[field]))) fields.push('other');
  return fields;
}

/** The server writes fields in one order, so that equal texts are equal values. */
const isSame = (one: unknown, other: unknown) =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
