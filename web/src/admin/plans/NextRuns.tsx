import { useQuery } from '@tanstack/react-query';
import { useAdminText } from '../../i18n/admin';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import { Part } from '../parts/Page';
import { nextRunsQuery, type Plan } from './plans';
import { RunsTable } from './RunsTable';

const SHOWN = 10;

/** When a plan runs next, as the server has it. */
export function NextRuns({ plan }: { plan: Plan }) {
  const text = useAdminText();
  const runs = useQuery(nextRunsQuery(useOrgUid(), plan.uid, SHOWN));
  return (
    <Part title={text('plan.next')}>
      {!plan.enabled ? (
        <p>{text('plan.next.off')}</p>
      ) : runs.error && !runs.data ? (
        <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />
      ) : !runs.data ? (
        <Skeleton lines={4} />
      ) : runs.data.items.length === 0 ? (
        <p>{text('plan.next.none')}</p>
      ) : (
        <RunsTable runs={runs.data.items} spec={plan.spec} />
      )}
    </Part>
  );
}
