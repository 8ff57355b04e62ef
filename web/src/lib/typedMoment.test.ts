import { expect, test } from 'vitest';
import { typedMoment } from './typedMoment';

const given = { now: Date.parse('2026-11-21T12:00:00Z'), zone: 'Europe/Moscow', isDayFirst: true };

test.each([
  ['2026-09-17 15:02', '2026-09-17T12:02:59Z'],
  ['2026-09-17T15:02', '2026-09-17T12:02:59Z'],
  ['17.09.2026, 15:02', '2026-09-17T12:02:59Z'],
  ['17.09.26', '2026-09-17T20:59:59Z'],
  ['17.09', '2026-09-17T20:59:59Z'],
  ['25.12', '2025-12-25T20:59:59Z'],
  ['9/10/2026', '2026-10-09T20:59:59Z'],
  ['вчера 15:00', '2026-11-20T12:00:59Z'],
  ['позавчера', '2026-11-19T20:59:59Z'],
  ['yesterday at 9:30', '2026-11-20T06:30:59Z'],
  ['15:00', '2026-11-21T12:00:59Z'],
  ['17 сентября 2026 г., 15:02', '2026-09-17T12:02:59Z'],
  ['17 сент. в 15:02', '2026-09-17T12:02:59Z'],
  ['17 Sept 2026, 15:02', '2026-09-17T12:02:59Z'],
  ['September 17, 2026', '2026-09-17T20:59:59Z'],
  ['17 September 2026 at 15:02', '2026-09-17T12:02:59Z'],
  ['3 days ago', '2026-11-18T20:59:59Z'],
  ['2 недели назад', '2026-11-07T20:59:59Z'],
  ['5 часов назад', '2026-11-21T07:00:00Z'],
  ['9 months ago', '2026-02-21T20:59:59Z'],
])('%s', (typed, meant) => expect(typedMoment(typed, given)).toEqual(new Date(meant)));

test('in the United States the month is first', () =>
  expect(typedMoment('9/10/2026', { ...given, isDayFirst: false })).toEqual(
    new Date('2026-09-10T20:59:59Z'),
  ));

test.each(['', 'soon', '31.02.2026', '2026-13-01', '17.09.2026 25:00', '3 parsecs ago', 'план.md'])(
  '“%s” is no time',
  (typed) => expect(typedMoment(typed, given)).toBeNull(),
);
