import { useQueries, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toKeep } from '../../routes/adminKeep';
import { ChartFrame } from '../../ui/chart/ChartFrame';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { repositoriesQuery } from '../names';
import { Part } from '../parts/Page';
import { growthOf } from '../repositories/growth';
import { type Repository, type Usage, usageQuery } from '../repositories/repositories';
import { type DayTotal, totalsOf } from './totals';

const TimeChart = lazy(() => import('../../ui/chart/TimeChart'));
const CHART_HEIGHT = 200;
/** Days before those shown from which a repository's last measurement still counts. */
const DAYS_BEFORE = 30;

interface Row {
  repository: Repository;
  usage: readonly Usage[];
}

/** What all repositories hold, and how that grows. */
export function Storage({ days }: { days: number }) {
  const text = useAdminText();
  const format = useFormat();
  const org = useOrgUid();
  const repositories = useQuery(repositoriesQuery(org)).data ?? [];
  const usages = useQueries({
    queries: repositories.map(({ uid }) => usageQuery(org, uid, days + DAYS_BEFORE)),
  });
  const isLoaded = usages.every(({ isPending }) => !isPending);
  if (repositories.length === 0) return null;
  if (!isLoaded) return <Skeleton height={CHART_HEIGHT} />;
  const rows = repositories.map((repository, index) => ({ repository, usage: usages[index]?.data ?? [] }));
  const totals = totalsOf(
    rows.map(({ usage }) => usage),
    days,
    format.zone,
  );
  return (
    <>
      {totals.length > 1 && <Growth totals={totals} />}
      <Part title={text('storage.title')}>
        <RepositoryTable rows={rows} />
      </Part>
    </>
  );
}

function RepositoryTable({ rows }: { rows: readonly Row[] }) {
  const text = useAdminText();
  const format = useFormat();
  const columns: Column<Row>[] = [
    {
      id: 'name',
      head: text('jobs.repository'),
      cell: ({ repository }) => <Link href={toKeep.repository(repository.uid)}>{repository.name}</Link>,
    },
    {
      id: 'stored',
      head: text('storage.stored'),
      isRight: true,
      cell: ({ repository }) => format.size(repository.stored_bytes),
    },
    {
      id: 'restored',
      head: text('storage.restored'),
      isRight: true,
      isExtra: true,
      cell: ({ usage }) => format.size(usage.at(-1)?.restored_bytes) || '–',
    },
    {
      id: 'ratio',
      head: text('storage.ratio'),
      isRight: true,
      isExtra: true,
      cell: ({ usage }) => {
        const ratio = usage.at(-1)?.ratio;
        return ratio == null ? '–' : `${format.number(Math.round(ratio * 10) / 10)} : 1`;
      },
    },
    {
      id: 'week',
      head: text('storage.week'),
      isRight: true,
      cell: ({ repository, usage }) => {
        const growth = growthOf(usage, repository.bytes_max);
        return growth ? format.size(growth.bytesPerWeek) : '–';
      },
    },
    {
      id: 'full',
      head: text('storage.full'),
      isRight: true,
      isExtra: true,
      cell: ({ repository, usage }) => {
        const full = growthOf(usage, repository.bytes_max)?.fullOn;
        return full ? format.date(full) : '–';
      },
    },
  ];
  return (
    <Table
      label={text('storage.title')}
      rows={rows}
      columns={columns}
      keyOf={({ repository }) => repository.uid}
    />
  );
}

function Growth({ totals }: { totals: readonly DayTotal[] }) {
  const text = useAdminText();
  const format = useFormat();
  const times = useMemo(() => totals.map(({ day }) => Date.parse(day) / 1000), [totals]);
  const series = useMemo(
    () => [
      {
        label: text('storage.stored'),
        values: totals.map(({ stored }) => stored),
        color: '--accent' as const,
      },
    ],
    [totals, text],
  );
  const columns: Column<DayTotal>[] = [
    { id: 'day', head: text('storage.day'), cell: ({ day }) => format.date(day) },
    { id: 'stored', head: text('storage.stored'), isRight: true, cell: ({ stored }) => format.size(stored) },
  ];
  return (
    <ChartFrame
      title={text('storage.growth')}
      rows={totals.toReversed()}
      columns={columns}
      keyOf={({ day }) => day}
    >
      <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
        <TimeChart times={times} series={series} height={CHART_HEIGHT} show={format.size} />
      </Suspense>
    </ChartFrame>
  );
}
