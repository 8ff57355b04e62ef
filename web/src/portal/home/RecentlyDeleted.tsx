import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { LinkButton } from '../../ui/Button';
import { Skeleton } from '../../ui/Skeleton';
import { addressOf, nameOf, parentOf, shown } from '../data/address';
import { deletedQuery } from '../data/search';
import { KindIcon } from '../KindIcon';
import styles from './Home.module.css';

/** What went lately: the commonest loss is found without a word typed. */
export function RecentlyDeleted() {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const { data: hits, isPending } = useQuery(deletedQuery);
  if (!isPending && !hits?.length) return null;
  return (
    <section aria-labelledby="deleted" className={styles.section}>
      <header className={styles.head}>
        <h2 id="deleted">{text('home.deleted')}</h2>
        <LinkButton isSmall look="quiet" href={to.search({ deleted: 'only', sort: 'newest', q: '*' })}>
          {text('home.deleted.all')}
        </LinkButton>
      </header>
      {isPending ? (
        <Skeleton lines={4} height={34} />
      ) : (
        <ul className={styles.rows}>
          {hits?.map((hit) => {
            const address = addressOf(hit);
            return (
              <li key={`${hit.source}${address}`}>
                <Link href={to.file(hit.source, { p: address })} className={styles.row}>
                  <KindIcon kind={hit.kind} name={nameOf(address)} />
                  <span className={styles.file}>{nameOf(address)}</span>
                  <span className={styles.where}>
                    {hit.source_name} · {shown(parentOf(address))}
                  </span>
                  <span className={styles.when}>
                    {hit.deleted && text('home.deleted.ago', { ago: format.ago(hit.deleted, now) })}
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
