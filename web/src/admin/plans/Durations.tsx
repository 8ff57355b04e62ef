import { lazy, Suspense, useMemo } from 'react';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { ChartFrame } from '../../ui/chart/ChartFrame';
import { Skeleton } from '../../ui/Skeleton';
import type { Column } from '../../ui/Table';

type Run = Schemas['RunBody'];

const TimeChart = lazy(() => import('../../ui/chart/TimeChart'));
const CHART_HEIGHT = 180;
/** Two points are a line, and say nothing about a trend. */
const POINTS_MIN = 3;

interface Ended {
  uid: string;
  at: string;
  seconds: number;
}

/** How long the backups of a plan took: what becomes slow is seen before it is late. */
export function Durations({ runs }: { runs: readonly Run[] }) {
  const text = useAdminText();
  const format = useFormat();
  const ended = useMemo(() => endedOf(runs), [runs]);
  const times = useMemo(() => ended.map(({ at }) => Date.parse(at) / 1000), [ended]);
  const series = useMemo(
    () => [
      {
        label: text('jobs.lasted'),
        values: ended.map(({ seconds }) => seconds),
        color: '--accent' as const,
      },
    ],
    [ended, text],
  );
  if (ended.length < POINTS_MIN) return null;
  const columns: Column<Ended>[] = [
    { id: 'at', head: text('plan.runs.at'), cell: ({ at }) => format.dateTime(at) },
    {
      id: 'lasted',
      head: text('jobs.lasted'),
      isRight: true,
      cell: ({ seconds }) => format.duration(seconds),
    },
  ];
  return (
    <ChartFrame
      title={text('plan.runs.durations')}
      rows={ended.toReversed()}
      columns={columns}
      keyOf={({ uid }) => uid}
    >
      <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
        <TimeChart times={times} series={series} height={CHART_HEIGHT} show={format.duration} />
      </Suspense>
    </ChartFrame>
  );
}

/** Backups that are over, the oldest first. */
function endedOf(runs: readonly Run[]): Ended[] {
  return runs
    .flatMap(({ uid, what, created_at: at, ended_at }) =>
      what === 'backup' && ended_at
        ? [{ uid, at, seconds: (Date.parse(ended_at) - Date.parse(at)) / 1000 }]
        : [],
    )
    .reverse();
}
