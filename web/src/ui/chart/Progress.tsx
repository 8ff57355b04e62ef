import { ProgressBar } from 'react-aria-components/ProgressBar';
import styles from './Chart.module.css';

/** How far something is. Without a share it is under way, and nobody knows how far. */
export function Progress({ label, share }: { label: string; share?: number | undefined }) {
  return (
    <ProgressBar
      aria-label={label}
      isIndeterminate={share === undefined}
      value={(share ?? 0) * 100}
      className={styles.track ?? ''}
    >
      {({ percentage }) => (
        <span
          className={share === undefined ? styles.underWay : styles.amount}
          style={{ width: `${share === undefined ? 30 : (percentage ?? 0)}%` }}
        />
      )}
    </ProgressBar>
  );
}
