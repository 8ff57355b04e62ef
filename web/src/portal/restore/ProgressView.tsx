import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Progress } from '../../ui/chart/Progress';
import type { Restore } from '../data/restores';
import styles from './Restore.module.css';

/** How far it is. */
export function ProgressView({ restore }: { restore: Restore }) {
  const text = usePortalText();
  const format = useFormat();
  const { progress, state } = restore;
  const {
    bytes_done: done = 0,
    bytes_total: total,
    items_done: items = 0,
    items_total: all,
    problems = 0,
  } = progress ?? {};
  const share = total ? done / total : undefined;
  const words = [
    share !== undefined && format.percent(share),
    all != null
      ? text('restore.itemsOf', { done: items, n: all })
      : items > 0 && text('count.files', { n: items }),
    total != null && `${format.size(done)} / ${format.size(total)}`,
    problems > 0 && text('restore.problemCount', { n: problems }),
  ].filter((part) => part !== false);
  return (
    <section className={styles.card}>
      <Progress label={text(`restore.state.${state}`)} share={share} />
      <p role="status" className={styles.soft}>
        {words.length > 0
          ? words.join(' · ')
          : text(state === 'checking' ? 'restore.checkingWords' : 'restore.leave')}
      </p>
    </section>
  );
}
