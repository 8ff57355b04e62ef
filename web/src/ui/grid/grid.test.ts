import { expect, test } from 'vitest';
import { moved } from './keys';
import { EVERYTHING, has, NOTHING, sizeOf, toggled, withNames } from './selection';

const key = (name: string) => ({ key: name, altKey: false, metaKey: false });

test('keys stop at both ends', () => {
  expect(moved(key('ArrowUp'), 0, 10, 5)).toBe(0);
  expect(moved(key('PageDown'), 7, 10, 5)).toBe(9);
  expect(moved(key('End'), 0, 100_000, 20)).toBe(99_999);
  expect(moved(key('x'), 0, 10, 5)).toBeNull();
});

test('all but two of a hundred thousand', () => {
  const chosen = withNames(EVERYTHING, ['a', 'b'], false);
  expect([has(chosen, 'a'), has(chosen, 'c'), sizeOf(chosen, 100_000)]).toEqual([false, true, 99_998]);
});

test('choosing twice chooses nothing', () => {
  expect(sizeOf(toggled(toggled(NOTHING, 'a'), 'a'), 10)).toBe(0);
});
