import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useMe } from '../../api/me';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { waitingQuery } from '../data/restores';
import { useRestoreName } from '../restore/useRestoreName';
import styles from './Home.module.css';

/** What others ask for, and one may agree to or not: never what one asks for oneself. */
export function WaitingRestores() {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const what = useRestoreName();
  const { user } = useMe();
  const mayDecide = user.role === 'admin' || user.role === 'operator';
  const { data } = useQuery({ ...waitingQuery, enabled: mayDecide });
  const waiting = mayDecide ? (data?.filter((restore) => restore.asker.uid !== user.uid) ?? []) : [];
  if (waiting.length === 0) return null;
  return (
    <section aria-labelledby="waiting" className={styles.section}>
      <h2 id="waiting">{text('home.waiting')}</h2>
      <ul className={styles.rows}>
        {waiting.map((restore) => (
          <li key={restore.uid}>
            <Link href={to.restore(restore.uid)} className={styles.running}>
              <span className={styles.file}>{what(restore)}</span>
              <span className={styles.where}>
                {restore.asker.name} → {restore.agent.name}
              </span>
              <span className={styles.where}>{format.ago(restore.created_at, now)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
