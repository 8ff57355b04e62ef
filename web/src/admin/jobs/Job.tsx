import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toKeep } from '../../routes/adminKeep';
import { toWatch } from '../../routes/adminWatch';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { useOrgUid } from '../console';
import { useNames } from '../names';
import { type Fact, Facts } from '../parts/Facts';
import { Page, Part } from '../parts/Page';
import { Counts } from './Counts';
import { JobActions } from './JobActions';
import { JobStateWord } from './JobState';
import { isLive, type Job as JobBody, jobQuery, lasted } from './jobs';
import { Log } from './Log';
import { Under } from './Under';
import { useJobTitle } from './words';

/** One job: how it is, what came of it, and what it said. */
export default function Job({ params }: { params: { job: string } }) {
  const text = useAdminText();
  const org = useOrgUid();
  const title = useJobTitle();
  const query = useQuery(jobQuery(org, params.job));
  const up = { href: toWatch.jobs(), label: text('jobs.title') };
  if (query.error && !query.data) {
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  }
  const job = query.data;
  if (!job) return <Skeleton lines={8} height={20} />;
  return (
    <Page
      title={title(job)}
      up={up}
      status={<JobStateWord state={job.state} />}
      actions={<JobActions job={job} />}
    >
      {job.outcome?.outcome === 'failed' && <WhyFailed job={job} />}
      {isLive(job) && <Under job={job} />}
      <JobFacts job={job} />
      {job.outcome && 'counts' in job.outcome && job.outcome.counts && (
        <Part title={text('job.counts')}>
          <Counts kind={job.kind} counts={job.outcome.counts} />
        </Part>
      )}
      <Log job={job.uid} isLive={isLive(job)} />
    </Page>
  );
}

function WhyFailed({ job }: { job: JobBody }) {
  const text = useAdminText();
  if (job.outcome?.outcome !== 'failed') return null;
  const isOver = job.state === 'failed';
  return (
    <Notice tone={isOver ? 'bad' : 'warn'}>
      <strong>{text(`failure.${job.outcome.code}.title`)}</strong>
      <p>{text(`failure.${job.outcome.code}.advice`)}</p>
      <p>
        <code>{job.outcome.text}</code>
      </p>
      {!isOver && <p>{text('job.triedAgain', { n: job.attempt + 1, of: job.attempts_max })}</p>}
    </Notice>
  );
}

function JobFacts({ job }: { job: JobBody }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const names = useNames(useOrgUid());
  const took = lasted(job, now);
  const madeBy = ['user', 'token', 'agent', 'system'].find((kind) => kind === job.created_by_kind) as
    | 'user'
    | 'token'
    | 'agent'
    | 'system'
    | undefined;
  const facts: Fact[] = [
    {
      name: text('jobs.plan'),
      value: job.plan && (
        <>
          <Link href={toWatch.plan(job.plan)}>
            {names.plan(job.plan) ?? (names.areHere ? text('job.goneplan') : '…')}
          </Link>
          {job.plan_version && ` · ${text('job.version', { n: job.plan_version })}`}
        </>
      ),
    },
    {
      name: text('jobs.agent'),
      value: job.agent ? (
        <Link href={toWatch.agent(job.agent)}>{names.agent(job.agent) ?? job.agent}</Link>
      ) : (
        text('jobs.server')
      ),
    },
    { name: text('jobs.source'), value: names.source(job.source) },
    { name: text('jobs.repository'), value: names.repository(job.repository) },
    {
      name: text('job.madeAt'),
      value: `${format.dateTime(job.created_at)}${madeBy ? ` · ${text(`job.by.${madeBy}`)}` : ''}`,
    },
    { name: text('job.startedAt'), value: job.started_at && format.dateTime(job.started_at) },
    { name: text('job.endedAt'), value: job.ended_at && format.dateTime(job.ended_at) },
    { name: text('jobs.lasted'), value: took !== null && format.duration(took) },
    {
      name: text('job.attempt'),
      value: job.attempt > 0 && text('job.attemptOf', { n: job.attempt, of: job.attempts_max }),
    },
    {
      name: text('job.snapshot'),
      value:
        job.spec.kind === 'legal_hold' ? (
          <Link href={toKeep.snapshot(job.repository, job.spec.snapshot)}>
            <code>{job.spec.snapshot.slice(0, 8)}</code>
          </Link>
        ) : (
          job.outcome &&
          'snapshot' in job.outcome &&
          job.outcome.snapshot && <code>{job.outcome.snapshot.slice(0, 8)}</code>
        ),
    },
    {
      name: text('job.retryOf'),
      value: job.retry_of && <Link href={toWatch.job(job.retry_of)}>{text('job.thatJob')}</Link>,
    },
    { name: text('job.correlation'), value: job.correlation && <code>{job.correlation}</code> },
  ];
  return <Facts facts={facts.map((fact) => (fact.value === false ? { ...fact, value: null } : fact))} />;
}
