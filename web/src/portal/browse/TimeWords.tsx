import { type Format, useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { Button, LinkButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import type { Address } from '../data/address';
import type { Point } from '../data/timeline';
import { GoToMoment } from './GoToMoment';
import styles from './TimeBar.module.css';
import { LockedUntil } from './TimeLocks';

interface TimeWordsProps {
  source: string;
  folder: Address;
  at: string;
  /** When what is shown was taken. */
  moment: string;
  point: Point;
  /** The point before. */
  before: Point | undefined;
  /** The first moment and the last. */
  range: readonly [string, string];
  onMove: (at: string) => void;
  onZoomIn: (() => void) | undefined;
  onZoomOut: (() => void) | undefined;
}

/** The time that is shown in words, what changed then, and ways to other times. */
export function TimeWords({ source, folder, at, moment, point, before, range, ...on }: TimeWordsProps) {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const counts = point.changes;
  return (
    <div className={styles.words}>
      <p className={styles.moment}>
        <strong>{at === '' ? text('time.latest') : format.moment(moment)}</strong>
        <span className={styles.soft}>
          {at === '' ? format.moment(moment) : agoOf(moment, format, now)}
          {point.snapshots > 1 && ` · ${text('count.snapshots', { n: point.snapshots })}`}
        </span>
        {point.held && (
          <span className={styles.held}>
            <Icon name="shield" />
            {text('time.held')}
          </span>
        )}
        <LockedUntil until={point.locked_until} />
      </p>
      {counts && (
        <p className={styles.counts}>
          {counts.added > 0 && (
            <span className={styles.added}>{text('time.added', { n: counts.added })}</span>
          )}
          {counts.changed > 0 && (
            <span className={styles.changed}>{text('time.changed', { n: counts.changed })}</span>
          )}
          {counts.removed > 0 && (
            <span className={styles.removed}>{text('time.removed', { n: counts.removed })}</span>
          )}
        </p>
      )}
      <div className={styles.actions}>
        <GoToMoment range={range} current={moment} onGo={on.onMove} />
        {on.onZoomIn && (
          <Button isSmall icon="search" onPress={on.onZoomIn}>
            {text('time.zoomIn')}
          </Button>
        )}
        {on.onZoomOut && (
          <Button isSmall icon="close" onPress={on.onZoomOut}>
            {text('time.zoomOut')}
          </Button>
        )}
        {at !== '' && (
          <Button isSmall icon="last" onPress={() => on.onMove('')}>
            {text('time.toLatest')}
          </Button>
        )}
        {before && (
          <LinkButton
            isSmall
            icon="compare"
            href={to.diff(source, { a: before.id.slice(0, 16), b: point.id.slice(0, 16), p: folder })}
          >
            {text('time.compare')}
          </LinkButton>
        )}
      </div>
    </div>
  );
}

/** How long ago, unless that would be the date again. */
function agoOf(taken: string, format: Format, now: number): string {
  const ago = format.ago(taken, now);
  return ago === format.date(taken) ? '' : ago;
}
