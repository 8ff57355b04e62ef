import { expect, test } from 'vitest';
import { addDays, addMonths, beginOf, dayOf, daysBetween, monthOf, offsetOf, weekdayOf } from './zoneDays';

test('late in the evening in London is the next day in Moscow', () => {
  const at = new Date('2026-11-20T22:30:00Z');
  expect([dayOf(at, 'Europe/London'), dayOf(at, 'Europe/Moscow')]).toEqual(['2026-11-20', '2026-11-21']);
});

test('a zone is ahead of UTC, or behind it', () => {
  const at = new Date('2026-11-20T12:00:30Z');
  expect([offsetOf(at, 'Europe/Moscow'), offsetOf(at, 'America/New_York')]).toEqual([10_800, -18_000]);
});

test('a day begins at its midnight, also on the day on which the clocks change', () => {
  expect(beginOf('2026-11-20', 'Europe/Moscow').toISOString()).toBe('2026-11-19T21:00:00.000Z');
  expect(beginOf('2026-03-29', 'Europe/Berlin').toISOString()).toBe('2026-03-28T23:00:00.000Z');
  expect(beginOf('2026-03-30', 'Europe/Berlin').toISOString()).toBe('2026-03-29T22:00:00.000Z');
});

test('months and years end', () => {
  expect(monthOf('2026-02')).toEqual({ first: '2026-02-01', last: '2026-02-28' });
  expect([addMonths('2026-12', 1), addMonths('2026-01', -1)]).toEqual(['2027-01', '2025-12']);
  expect([addDays('2026-12-31', 1), daysBetween('2026-10-30', '2026-11-02').length]).toEqual([
    '2027-01-01',
    4,
  ]);
  expect(weekdayOf('2026-11-23')).toBe(0);
});
