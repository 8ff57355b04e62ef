import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toWatch } from '../../routes/adminWatch';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { useNames } from '../names';
import { JobState } from './JobState';
import styles from './JobsTable.module.css';
import { type Job, lasted } from './jobs';
import { useJobResult, useJobTitle } from './words';

interface JobsTableProps {
  label: string;
  jobs: readonly Job[];
  /** Columns that the page around says already. */
  without?: readonly ('plan' | 'agent')[];
}

/** Jobs, a line each. */
export function JobsTable({ label, jobs, without = [] }: JobsTableProps) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const names = useNames(useOrgUid());
  const title = useJobTitle();
  const result = useJobResult();
  const all: Column<Job>[] = [
    {
      id: 'what',
      head: text('jobs.what'),
      cell: (job) => (
        <Link href={toWatch.job(job.uid)} className={styles.name}>
          {title(job)}
        </Link>
      ),
    },
    { id: 'state', head: text('jobs.state'), cell: (job) => <JobState job={job} /> },
    {
      id: 'result',
      head: text('jobs.result'),
      isExtra: true,
      cell: (job) => (
        <span className={styles.result} title={result(job)}>
          {result(job)}
        </span>
      ),
    },
    { id: 'plan', head: text('jobs.plan'), isExtra: true, cell: (job) => names.plan(job.plan) ?? '–' },
    {
      id: 'agent',
      head: text('jobs.agent'),
      isExtra: true,
      cell: (job) => (job.agent ? (names.agent(job.agent) ?? '–') : text('jobs.server')),
    },
    {
      id: 'when',
      head: text('jobs.when'),
      cell: (job) => {
        const at = job.started_at ?? job.created_at;
        return (
          <time dateTime={at} title={format.moment(at)} className={styles.when}>
            {format.ago(at, now)}
          </time>
        );
      },
    },
    {
      id: 'lasted',
      head: text('jobs.lasted'),
      isRight: true,
      isExtra: true,
      cell: (job) => {
        const seconds = lasted(job, now);
        return seconds === null ? '–' : format.duration(seconds);
      },
    },
  ];
  const columns = all.filter(({ id }) => !(without as readonly string[]).includes(id));
  return <Table label={label} rows={jobs} columns={columns} keyOf={(job) => job.uid} />;
}
