import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toKeep } from '../../routes/adminKeep';
import { useNames } from '../names';
import { mirrorsQuery } from './repositories';

/** Where a repository is mirrored to, or what it is a mirror of, and how old that is. */
export function Mirrors({ org, repository }: { org: string; repository: string }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const names = useNames(org);
  const { data } = useQuery(mirrorsQuery(org));
  if (!data) return null;
  const own = data.filter((one) => one.from === repository || one.to === repository);
  if (own.length === 0) return text('repository.mirrors.none');
  return (
    <ul>
      {own.map(({ from, to, last_at, snapshots }) => {
        const other = from === repository ? to : from;
        return (
          <li key={`${from} ${to}`}>
            {text(from === repository ? 'repository.mirrors.to' : 'repository.mirrors.of')}{' '}
            <Link href={toKeep.repository(other)}>{names.repository(other)}</Link>, {format.ago(last_at, now)}{' '}
            ({text('count.snapshots', { n: snapshots })})
          </li>
        );
      })}
    </ul>
  );
}
