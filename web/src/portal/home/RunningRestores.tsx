import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { isFinal, restoresQuery } from '../data/restores';
import { RestoreStatus } from '../restore/RestoreStatus';
import { useRestoreName } from '../restore/useRestoreName';
import styles from './Home.module.css';

/** What is being put back, or waits for an answer. */
export function RunningRestores() {
  const text = usePortalText();
  const what = useRestoreName();
  const { data } = useQuery(restoresQuery('mine'));
  const running = data?.filter((restore) => !isFinal(restore.state)) ?? [];
  if (running.length === 0) return null;
  return (
    <section aria-labelledby="running" className={styles.section}>
      <h2 id="running">{text('home.running')}</h2>
      <ul className={styles.rows}>
        {running.map((restore) => (
          <li key={restore.uid}>
            <Link href={to.restore(restore.uid)} className={styles.running}>
              <span className={styles.file}>{what(restore)}</span>
              <span className={styles.where}>→ {restore.agent.name}</span>
              <RestoreStatus state={restore.state} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
