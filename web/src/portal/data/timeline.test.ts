import { expect, test } from 'vitest';
import { movedTo, type Point, pointAt, pointFor, pointOf, spanOf } from './timeline';

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

test.each([
  ['2026-11-02T10:00:00Z', 1],
  ['2026-11-02T10:00:01Z', 2],
  ['2026-11-03T10:00:01Z', null],
  ['2026-10-31T10:00:00Z', null],
])('a snapshot of %s stands behind the first point that is not older', (taken, index) =>
  expect(pointFor(points, taken)).toBe(index),
);

test('what is older than the first point may be one of several that it stands for', () => {
  const [first, ...others] = points;
  expect(pointFor([{ ...(first as Point), snapshots: 5 }, ...others], '2026-10-31T10:00:00Z')).toBe(0);
});

test('a part of the time that is moved stays as long', () =>
  expect(
    movedTo(
      { since: '2026-11-01T00:00:00Z', before: '2026-11-03T00:00:00Z' },
      points,
      '2026-11-10T00:00:00Z',
    ),
  ).toEqual({ since: '2026-11-09T00:00:00.000Z', before: '2026-11-11T00:00:00.000Z' }));

test.each([
  [0, 1, {}, { before: '2026-11-02T10:00:00.001Z' }],
  [1, 2, {}, { since: '2026-11-01T10:00:00.001Z' }],
  [1, 1, {}, { since: '2026-11-01T10:00:00.001Z', before: '2026-11-02T10:00:00.001Z' }],
  [0, 2, { since: 'then', before: 'later' }, { since: 'then', before: 'later' }],
])('points %i to %i of %o are the time %o, with all that they stand for', (from, to, of, part) =>
  expect(spanOf(points, from, to, of)).toEqual(part),
);
