import { expect, test } from 'vitest';
import { afterDay, fromDay } from './days';

test('a day is as long as it is there', () => {
  const since = new Date(fromDay('2026-11-20').since ?? '');
  const until = new Date(afterDay('2026-11-20') ?? '');
  expect(until.getTime() - since.getTime()).toBe(86_400_000);
  expect([since.getHours(), since.getDate()]).toEqual([0, 20]);
});

test('what is no day is not asked for', () => {
  expect([fromDay(''), fromDay('2026-13-99'), afterDay('yesterday')]).toEqual([{}, {}, undefined]);
});
