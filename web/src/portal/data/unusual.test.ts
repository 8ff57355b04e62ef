import { expect, test } from 'vitest';
import type { Point } from './timeline';
import { unusualOf } from './unusual';

const NONE = { added: 0, added_bytes: 0, changed_bytes: 0, removed_bytes: 0, complete: true };
const pointsOf = (counts: readonly [removed: number, changed: number][], files = 100_000) =>
  counts.map(
    ([removed, changed], at) =>
      ({
        id: String(at),
        taken_at: `2026-11-${String(at + 1).padStart(2, '0')}T10:00:00Z`,
        snapshots: 1,
        utc_offset: 0,
        files,
        changes: { ...NONE, removed, changed },
      }) as unknown as Point,
  );

test('many that were deleted at once are unusual', () =>
  expect(
    unusualOf(
      pointsOf([
        [2, 5],
        [0, 7],
        [3, 4],
        [40_000, 12],
        [1, 9],
      ]),
    ),
  ).toEqual([{ at: 3, kind: 'removed', count: 40_000 }]));

test('what happens every day is not', () =>
  expect(unusualOf(pointsOf(Array.from({ length: 9 }, () => [800, 5_000])))).toEqual([]));

test('a few files are never', () =>
  expect(
    unusualOf(
      pointsOf([
        [1, 1],
        [1, 1],
        [1, 1],
        [60, 70],
      ]),
    ),
  ).toEqual([]));

test('what is more of the two is said', () =>
  expect(
    unusualOf(
      pointsOf([
        [2, 5],
        [3, 7],
        [3, 4],
        [300, 90_000],
      ]),
    ),
  ).toEqual([{ at: 3, kind: 'changed', count: 90_000 }]));

test('the first change of all is measured by how much there is', () => {
  expect(
    unusualOf(
      pointsOf(
        [
          [0, 0],
          [500, 0],
        ],
        10_000,
      ),
    ),
  ).toEqual([]);
  expect(
    unusualOf(
      pointsOf(
        [
          [0, 0],
          [500, 0],
        ],
        1_000,
      ),
    ),
  ).toEqual([{ at: 1, kind: 'removed', count: 500 }]);
});
