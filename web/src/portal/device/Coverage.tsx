import { useQuery } from '@tanstack/react-query';
import { usePortalText } from '../../i18n/portal';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { coverageQuery } from '../data/sources';
import styles from './DevicePage.module.css';
import { useLeftOut } from './useLeftOut';

/** What is saved of a device, and what is not: a file that is not found may never have been there to find. */
export function Coverage({ source }: { source: string }) {
  const text = usePortalText();
  const wordsOf = useLeftOut();
  const { data, error, refetch } = useQuery(coverageQuery(source));
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={3} height={24} />;
  if (!data.paths || !data.plans) return <p className={styles.soft}>{text('coverage.hidden')}</p>;
  const saved = [...new Set([...data.paths, ...data.plans.flatMap((plan) => plan.more)])];
  const plans = data.plans.map(wordsOf);
  return (
    <dl className={styles.coverage}>
      <div>
        <dt>{text('coverage.saved')}</dt>
        <dd>
          <Names names={saved} />
        </dd>
      </div>
      <div>
        <dt>{text('coverage.leftOut')}</dt>
        <dd>
          {plans.length === 0 && text('coverage.noPlan')}
          {plans.length > 0 && plans.every((names) => names.length === 0) && text('coverage.nothing')}
          {plans.map((names) => names.length > 0 && <Names key={names.join()} names={names} />)}
        </dd>
      </div>
    </dl>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <ul className={styles.names}>
      {names.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  );
}
