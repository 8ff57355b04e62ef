import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Notice } from '../../ui/Status';
import { JobState } from '../jobs/JobState';
import { jobQuery } from '../jobs/jobs';
import { repositoriesQuery } from '../names';

/** Whether the storage of a repository locks its files: what is held there is under legal hold too. */
export function useLocksFiles(org: string, repository: string): boolean {
  const repositories = useQuery(repositoriesQuery(org)).data;
  return repositories?.some(({ uid, worm_days }) => uid === repository && worm_days != null) ?? false;
}

/** What a hold or its release set going in the storage, and how far that is. */
export function HoldJob({ org, job }: { org: string; job: string }) {
  const text = useAdminText();
  const { data } = useQuery(jobQuery(org, job));
  return (
    <Notice tone="neutral">
      {text('holds.job')} <Link href={toWatch.job(job)}>{text('job.kind.legal_hold')}</Link>{' '}
      {data && <JobState job={data} />}
    </Notice>
  );
}
