import { expect, test } from 'vitest';
import type { Usage } from '../repositories/repositories';
import { totalsOf } from './totals';

const usage = (measured_at: string, stored_bytes: number) => ({ measured_at, stored_bytes }) as Usage;

test('a repository that was not measured on a day counts with what it held before', () => {
  const one = [usage('2026-11-01T03:00:00Z', 10), usage('2026-11-03T03:00:00Z', 30)];
  const other = [usage('2026-11-02T03:00:00Z', 5)];
  expect(totalsOf([one, other], 30, 'UTC')).toEqual([
    { day: '2026-11-01', stored: 10 },
    { day: '2026-11-02', stored: 15 },
    { day: '2026-11-03', stored: 35 },
  ]);
});

test('only the last days are told', () => {
  const one = [usage('2026-11-01T03:00:00Z', 10), usage('2026-11-03T03:00:00Z', 30)];
  expect(totalsOf([one], 2, 'UTC').map(({ stored }) => stored)).toEqual([10, 30]);
});

test('nothing measured, nothing told', () => {
  expect(totalsOf([[]], 30, 'UTC')).toEqual([]);
});
