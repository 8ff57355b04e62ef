import { classes } from '../../lib/classes';
import type { Tone } from '../Status';
import styles from './Chart.module.css';

export interface Bar {
  key: string;
  label: string;
  value: number;
  /** The value in words. */
  shown: string;
  tone?: Tone;
}

/** Amounts beside each other, the longest across the whole width. It can be read as a list, and needs no twin. */
export function Bars({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul aria-label={label} className={styles.bars}>
      {bars.map((bar) => (
        <li key={bar.key} className={styles.bar}>
          <span className={styles.barName}>{bar.label}</span>
          <span className={styles.track}>
            <span
              className={classes(styles.amount, bar.tone && styles[bar.tone])}
              style={{ width: `${(bar.value / most) * 100}%` }}
            />
          </span>
          <span className={styles.number}>{bar.shown}</span>
        </li>
      ))}
    </ul>
  );
}
