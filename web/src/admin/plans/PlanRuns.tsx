import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { MoreRows } from '../parts/MoreRows';
import { Durations } from './Durations';
import { historyQuery } from './plans';

type Run = Schemas['RunBody'];

/** The runs that a plan had. Each leads to its jobs. */
export function PlanRuns({ plan }: { plan: string }) {
  const text = useAdminText();
  const format = useFormat();
  const history = useInfiniteQuery(historyQuery(useOrgUid(), plan));
  if (history.error && !history.data) {
    return <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />;
  }
  if (!history.data) return <Skeleton lines={6} />;
  const runs = history.data.pages.flatMap((page) => page.items);
  if (runs.length === 0) return <p>{text('plan.runs.none')}</p>;
  const columns: Column<Run>[] = [
    { id: 'at', head: text('plan.runs.at'), cell: ({ created_at }) => format.dateTime(created_at) },
    { id: 'what', head: text('plan.next.what'), cell: ({ what }) => text(`plan.what.${what}`) },
    {
      id: 'origin',
      head: text('plan.runs.origin'),
      cell: ({ origin, cause }) =>
        origin === 'event' && cause ? `${text('plan.origin.event')} ${cause}` : text(`plan.origin.${origin}`),
    },
    {
      id: 'ended',
      head: text('plan.runs.ended'),
      isExtra: true,
      cell: ({ ended_at }) => (ended_at ? format.dateTime(ended_at) : '–'),
    },
    {
      id: 'jobs',
      head: text('plan.runs.jobs'),
      isHeadHidden: true,
      isRight: true,
      cell: ({ uid }) => <Link href={toWatch.jobs({ run: uid })}>{text('plan.runs.jobs')}</Link>,
    },
  ];
  return (
    <>
      <Durations runs={runs} />
      <Table label={text('plan.part.runs')} rows={runs} columns={columns} keyOf={({ uid }) => uid} />
      <MoreRows
        shown={runs.length}
        hasMore={history.hasNextPage}
        isLoading={history.isFetchingNextPage}
        onMore={() => void history.fetchNextPage()}
      />
    </>
  );
}
