import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { JobsTable } from '../jobs/JobsTable';
import { jobsQuery } from '../jobs/jobs';
import { Part } from '../parts/Page';
import { addDays, beginOf, type DayName, noonOf } from '../zoneDays';
import type { Planned } from './planned';

const PLANNED_MAX = 50;

interface DayProps {
  day: DayName;
  planned: readonly Planned[];
  onlyBackups: boolean;
  onClose: () => void;
}

/** One day: its jobs, and what is planned for it. */
export function DayPart({ day, planned, onlyBackups, onClose }: DayProps) {
  const text = useAdminText();
  const format = useFormat();
  const filter = {
    since: beginOf(day, format.zone).toISOString(),
    before: beginOf(addDays(day, 1), format.zone).toISOString(),
    ...(onlyBackups && { kind: 'backup' as const }),
  };
  const jobs = useInfiniteQuery(jobsQuery(useOrgUid(), filter));
  const rows = jobs.data?.pages[0]?.items;
  return (
    <Part
      title={format.date(noonOf(day))}
      end={
        <Button isSmall icon="close" onPress={onClose}>
          {text('calendar.day.close')}
        </Button>
      }
    >
      {jobs.error && !rows ? (
        <ErrorNotice error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : !rows ? (
        <Skeleton lines={4} />
      ) : rows.length === 0 ? (
        planned.length === 0 && <p>{text('calendar.day.none')}</p>
      ) : (
        <>
          <JobsTable label={text('calendar.day.jobs')} jobs={rows} />
          {jobs.hasNextPage && (
            <div>
              <LinkButton isSmall href={toWatch.jobs(filter)}>
                {text('calendar.day.jobs.all')}
              </LinkButton>
            </div>
          )}
        </>
      )}
      {planned.length > 0 && <PlannedTable planned={planned.slice(0, PLANNED_MAX)} />}
    </Part>
  );
}

function PlannedTable({ planned }: { planned: readonly Planned[] }) {
  const text = useAdminText();
  const format = useFormat();
  const columns: Column<Planned>[] = [
    {
      id: 'plan',
      head: text('plans.name'),
      cell: ({ plan }) => <Link href={toWatch.plan(plan.uid)}>{plan.name}</Link>,
    },
    { id: 'what', head: text('plan.next.what'), cell: ({ run }) => text(`plan.what.${run.what}`) },
    { id: 'due', head: text('calendar.day.planned'), cell: ({ run }) => format.time(run.due_at) },
  ];
  return (
    <Table
      label={text('calendar.day.planned')}
      rows={planned}
      columns={columns}
      keyOf={({ plan, run }) => `${plan.uid} ${run.what} ${run.nominal_at}`}
    />
  );
}
