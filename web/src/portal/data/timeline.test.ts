import { expect, test } from 'vitest';
import { type Point, pointAt, pointOf } from './timeline';

const points = ['2026-11-01T10:00:00Z', '2026-11-02T10:00:00Z', '2026-11-03T10:00:00Z'].map(
  (taken_at, at): Point => ({ id: `${'abc'[at]}0`.repeat(8), taken_at, snapshots: 1, utc_offset: 0 }),
);

test('a snapshot is found by the beginning of its id', () => expect(pointOf(points, 'b0b0b0b0')).toBe(1));

test.each([
  ['2026-11-02T09:59:59Z', 0],
  ['2026-11-02T10:00:00Z', 1],
  ['2020-01-01T00:00:00Z', 0],
  ['2030-01-01T00:00:00Z', 2],
  ['', 2],
])('at %s it is the one then or before', (at, index) => expect(pointOf(points, at)).toBe(index));

test('what is neither is the newest', () => {
  expect(pointOf(points, 'gone')).toBeNull();
  expect(pointAt(points, 'gone')).toBe(2);
});
