import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { ChartFrame } from '../../ui/chart/ChartFrame';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import type { Column } from '../../ui/Table';
import { credentialsQuery } from '../credentials/credentials';
import { Facts } from '../parts/Facts';
import { useMay } from '../rights';
import { growthOf } from './growth';
import { Looks } from './Looks';
import { Mirrors } from './Mirrors';
import { Room } from './Room';
import { classOf, type Repository, routeOf, type Usage, usageQuery } from './repositories';

const TimeChart = lazy(() => import('../../ui/chart/TimeChart'));
const CHART_HEIGHT = 240;
/** One point is no line. */
const POINTS_MIN = 2;

interface PartProps {
  org: string;
  repository: Repository;
}

/** What a repository holds, how it grows, and what it is. */
export function UsagePart({ org, repository }: PartProps) {
  const text = useAdminText();
  const usage = useQuery(usageQuery(org, repository.uid));
  return (
    <>
      <About org={org} repository={repository} usage={usage.data ?? []} />
      {usage.data ? (
        usage.data.length >= POINTS_MIN ? (
          <GrowthChart usage={usage.data} />
        ) : (
          <Empty icon="chart" title={text('usage.none.title')}>
            {text('usage.none.words')}
          </Empty>
        )
      ) : usage.error ? (
        <ErrorView error={usage.error} onRetry={() => void usage.refetch()} />
      ) : (
        <Skeleton height={CHART_HEIGHT} />
      )}
      <Looks org={org} repository={repository} />
    </>
  );
}

function About({ org, repository, usage }: PartProps & { usage: readonly Usage[] }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const may = useMay();
  const credentials = useQuery({
    ...credentialsQuery(org),
    enabled: repository.credential != null && may('see', 'storage credential'),
  });
  const last = usage.at(-1);
  const growth = growthOf(usage, repository.bytes_max);
  const ago = (when: string | null | undefined) => (when ? format.ago(when, now) : text('time.never'));
  return (
    <Facts
      facts={[
        { name: text('repositories.stored'), value: <Room repository={repository} /> },
        {
          name: text('usage.ratio'),
          value:
            last?.ratio != null &&
            text('usage.times', { times: format.number(Math.round(last.ratio * 10) / 10) }),
        },
        { name: text('usage.snapshots'), value: last && format.number(last.snapshots) },
        { name: text('usage.perWeek'), value: growth && format.size(growth.bytesPerWeek) },
        { name: text('usage.fullOn'), value: growth?.fullOn && format.date(growth.fullOn) },
        {
          name: text('repository.worm'),
          value:
            repository.worm_days == null
              ? text('repository.worm.none')
              : text('repository.worm.days', { n: repository.worm_days }),
        },
        { name: text('repository.mirrors'), value: <Mirrors org={org} repository={repository.uid} /> },
        {
          name: text('repository.route'),
          value: text(`repository.route.${routeOf(repository)}`),
        },
        { name: text('repositories.kept'), value: text(`repositories.class.${classOf(repository)}`) },
        {
          name: text('repository.credential'),
          value: credentials.data?.find((one) => one.uid === repository.credential)?.name,
        },
        { name: text('repository.refreshed'), value: ago(repository.refreshed_at) },
        { name: text('repositories.checked'), value: ago(repository.checked_at) },
        { name: text('repository.format'), value: format.number(repository.format) },
        {
          name: text('repository.resticId'),
          value: repository.restic_id && <code>{repository.restic_id.slice(0, 10)}</code>,
        },
        { name: text('repository.created'), value: format.date(repository.created_at) },
      ]}
    />
  );
}

function GrowthChart({ usage }: { usage: readonly Usage[] }) {
  const text = useAdminText();
  const format = useFormat();
  const columns: Column<Usage>[] = [
    { id: 'day', head: text('usage.day'), cell: (row) => format.date(row.measured_at) },
    { id: 'stored', head: text('usage.stored'), isRight: true, cell: (row) => format.size(row.stored_bytes) },
    { id: 'plain', head: text('usage.plain'), isRight: true, cell: (row) => format.size(row.plain_bytes) },
    {
      id: 'restored',
      head: text('usage.restored'),
      isRight: true,
      cell: (row) => format.size(row.restored_bytes),
    },
    {
      id: 'snapshots',
      head: text('usage.snapshots'),
      isRight: true,
      cell: (row) => format.number(row.snapshots),
    },
  ];
  const times = useMemo(() => usage.map((one) => new Date(one.measured_at).getTime() / 1000), [usage]);
  const series = useMemo(
    () => [
      {
        label: text('usage.stored'),
        values: usage.map((one) => one.stored_bytes),
        color: '--accent' as const,
      },
      { label: text('usage.plain'), values: usage.map((one) => one.plain_bytes), color: '--good' as const },
    ],
    [usage, text],
  );
  return (
    <ChartFrame
      title={text('usage.growth')}
      rows={usage.toReversed()}
      columns={columns}
      keyOf={(row) => row.measured_at}
    >
      <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
        <TimeChart times={times} series={series} height={CHART_HEIGHT} show={format.size} />
      </Suspense>
    </ChartFrame>
  );
}
