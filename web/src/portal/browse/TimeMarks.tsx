import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Icon } from '../../ui/Icon';
import type { Point } from '../data/timeline';
import type { Unusual } from '../data/unusual';
import styles from './TimeBar.module.css';

/** Of the newest; more of them would be usual. */
const SHOWN_MAX = 3;

interface TimeMarksProps {
  points: readonly Point[];
  unusual: readonly Unusual[];
  index: number;
  onGo: (index: number) => void;
}

/** What stands out on the line, in words: each leads there. */
export function TimeMarks({ points, unusual, index, onGo }: TimeMarksProps) {
  const text = usePortalText();
  const format = useFormat();
  if (unusual.length === 0) return null;
  return (
    <ul aria-label={text('time.marks')} className={styles.marks}>
      {unusual.slice(-SHOWN_MAX).map(({ at, kind, count }) => (
        <li key={at}>
          <button
            type="button"
            className={styles.mark}
            aria-current={at === index ? 'true' : undefined}
            onClick={() => onGo(at)}
          >
            <Icon name="warning" />
            {text(kind === 'removed' ? 'time.manyRemoved' : 'time.manyChanged', {
              date: format.date(points[at]?.taken_at ?? ''),
              n: count,
            })}
          </button>
        </li>
      ))}
    </ul>
  );
}
