import { expect, test } from 'vitest';
import { dayOf, endOfDay } from './zoned';

test.each([
  ['2026-09-17', 'Europe/Moscow', '2026-09-17T20:59:59.000Z'],
  ['2026-09-17', 'UTC', '2026-09-17T23:59:59.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:59.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:59.000Z'],
  ['2026-01-01', 'Asia/Kathmandu', '2026-01-01T18:14:59.000Z'],
])('%s ends in %s at %s', (day, zone, end) => {
  expect(endOfDay(day, zone).toISOString()).toBe(end);
  expect(dayOf(end, zone)).toBe(day);
});
