import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Icon } from '../../ui/Icon';
import type { Point } from '../data/timeline';
import { leftOf } from './lane';
import styles from './TimeBar.module.css';

/** Points beside each other that storage locks: the first and the last. */
export type LockedRun = readonly [number, number];

export function lockedRuns(points: readonly Point[]): LockedRun[] {
  const runs: LockedRun[] = [];
  points.forEach((point, at) => {
    if (!point.locked_until) return;
    const [from, to] = runs.at(-1) ?? [at, -1];
    if (to === at - 1) runs.splice(-1, 1, [from, at]);
    else runs.push([at, at]);
  });
  return runs;
}

/** Which snapshots nobody can remove yet: a padlock where that begins, and a line above the bars as far as it goes. */
export function TimeLocks({ points }: { points: readonly Point[] }) {
  const text = usePortalText();
  const format = useFormat();
  const last = Math.max(1, points.length - 1);
  return lockedRuns(points).map(([from, to]) => {
    const ends = from === to ? [from] : [from, to];
    const when = ends.map((at) => format.date(points[at]?.taken_at ?? '')).join(' – ');
    return (
      <span
        key={from}
        role="img"
        aria-label={text('time.lockedRun', { when })}
        className={styles.locks}
        style={{ left: leftOf(from / last), right: leftOf(1 - to / last) }}
      >
        <Icon name="lock" />
      </span>
    );
  });
}

/** Until when storage keeps a snapshot; nothing where it does not. */
export function LockedUntil({
  until,
  isBare = false,
}: {
  until: string | null | undefined;
  isBare?: boolean;
}) {
  const text = usePortalText();
  const format = useFormat();
  if (!until) return null;
  const date = format.date(until);
  return (
    <span className={styles.held} title={text('time.locked.words')}>
      <Icon name="lock" />
      {isBare ? date : text('time.locked', { date })}
    </span>
  );
}
