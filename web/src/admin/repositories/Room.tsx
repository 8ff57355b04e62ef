import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { classes } from '../../lib/classes';
import styles from './Room.module.css';
import type { Repository } from './repositories';

const NEARLY_FULL = 0.9;

/** What a repository holds, and how much of what it may hold that is. */
export function Room({ repository }: { repository: Repository }) {
  const text = useAdminText();
  const format = useFormat();
  const { stored_bytes: stored, bytes_max: most } = repository;
  if (most == null) return format.size(stored);
  const share = most > 0 ? Math.min(1, stored / most) : 1;
  return (
    <span className={styles.room}>
      {text('repositories.roomOf', { stored: format.size(stored), most: format.size(most) })}
      <span className={styles.track} aria-hidden="true">
        <span
          className={classes(styles.amount, share >= NEARLY_FULL && styles.full)}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      {share >= NEARLY_FULL && (
        <span className={styles.words}>{text('repositories.full', { share: format.percent(share) })}</span>
      )}
    </span>
  );
}
