//! Snapshots between which more happened than people do: what was deleted by mistake, or encrypted by somebody.
import type { Point } from './timeline';

export interface Unusual {
  /** Which point. */
  at: number;
  kind: 'removed' | 'changed';
  count: number;
}

/** Fewer files are never unusual. */
const COUNT_MIN = 100;
/** So many times what is usual. */
const TIMES = 10;
/** Of all files of a source, where there is nothing to compare with. */
const SHARE = 0.2;

/** The unusual points in their order, each with what is the most unusual of it. */
export function unusualOf(points: readonly Point[]): Unusual[] {
  const usual = { removed: median(points, 'removed'), changed: median(points, 'changed') };
  return points.flatMap(({ changes, files }, at): Unusual[] => {
    if (!changes) return [];
    const found = (['removed', 'changed'] as const)
      .map((kind) => ({ at, kind, count: changes[kind] }))
      .filter(({ kind, count }) => {
        if (count < COUNT_MIN) return false;
        const often = usual[kind];
        if (often === null) return files == null || count >= files * SHARE;
        return count >= often * TIMES;
      })
      .sort((one, other) => other.count - one.count);
    return found.slice(0, 1);
  });
}

/** What half of the points where anything was do not exceed; null: there are too few of them to say. */
function median(points: readonly Point[], kind: Unusual['kind']): number | null {
  const counts = points
    .map((point) => point.changes?.[kind] ?? 0)
    .filter((count) => count > 0)
    .sort((one, other) => one - other);
  return counts.length < 3 ? null : (counts[Math.floor((counts.length - 1) / 2)] ?? null);
}
