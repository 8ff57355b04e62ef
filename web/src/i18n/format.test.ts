import { expect, test } from 'vitest';
import { formatOf } from './format';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test('sizes keep three digits', () => {
  const { size } = formatOf('en-GB', 'UTC');
  expect(
    [0, 999, 1_234, 45_600, 789_000, 1_100_000, 4_200_000_000_000].map((bytes) => plain(size(bytes))),
  ).toEqual([...['0 bytes', '999 bytes', '1.23 kB', '45.6 kB', '789 kB', '1.1 MB', '4.2 TB']]);
});

test('sizes are written in Russian', () => {
  expect(plain(formatOf('ru', 'UTC').size(1_100_000))).toBe('1,1 МБ');
});

test('times are of the chosen zone', () => {
  const when = '2026-09-17T12:02:00Z';
  expect(formatOf('en-GB', 'Europe/Moscow').time(when)).toBe('15:02');
  expect(formatOf('en-GB', 'UTC').time(when)).toBe('12:02');
});

test('a duration has two parts at most', () => {
  const { duration } = formatOf('en-GB', 'UTC');
  expect([0, 59, 60, 3_725, 90_000].map((seconds) => plain(duration(seconds)))).toEqual([
    ...['0 secs', '59 secs', '1 min', '1 hr 2 mins', '1 day 1 hr'],
  ]);
});

test('what was long ago is a date', () => {
  const { ago } = formatOf('en-GB', 'UTC');
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(ago('2026-11-21T10:00:00Z', now)).toBe('2 hours ago');
  expect(ago('2026-11-20T10:00:00Z', now)).toBe('yesterday');
  expect(ago('2024-01-02T10:00:00Z', now)).toBe('2 Jan 2024');
});
