import { safeParse } from 'valibot';
import { expect, test } from 'vitest';
import { forgetState } from '../../routes/adminKeep';
import { keepsSomething, ruleSchema, wantedOf } from './forget';

const rule = (query: string) => forgetState.read(query);

test('a rule is what is written, and nothing else', () => {
  expect(wantedOf(rule('?daily=7&monthly=12&host=pc-01'))).toEqual({
    retention: { keep: { daily: 7, monthly: 12 } },
    hosts: ['pc-01'],
  });
});

test('a rule that keeps nothing is none', () => {
  expect(keepsSomething(rule(''))).toBe(false);
  expect(keepsSomething(rule('?daily=0'))).toBe(false);
  expect(safeParse(ruleSchema(), rule('')).success).toBe(false);
});

test('days and months are written as restic reads them', () => {
  expect(safeParse(ruleSchema(), rule('?within=1y2m3d12h')).success).toBe(true);
  expect(safeParse(ruleSchema(), rule('?within=a+week')).success).toBe(false);
});
