import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import type { JobsState } from '../../routes/adminWatch';
import { ofOrg, progressKey } from '../keys';

export type Job = Schemas['JobBody'];
export type JobStateName = Schemas['JobState'];

const PAGE_ROWS = 50;

export const jobsQuery = (org: string, filter: Partial<JobsState>) => {
  const { kind = 'any', state = 'any', ...rest } = filter;
  const named = Object.fromEntries(Object.entries(rest).filter(([, uid]) => uid));
  const states = state === 'trouble' ? 'failed,partial' : state;
  const wanted = { ...(kind !== 'any' && { kind }), ...(state !== 'any' && { state: states }), ...named };
  return infiniteQueryOptions({
    queryKey: ofOrg(org, 'jobs', 'list', wanted),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE_ROWS, ...wanted, ...(pageParam && { after: pageParam }) };
      return ask(() => api.GET('/api/v1/orgs/{org}/jobs', { params: { path: { org }, query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
};

export const jobQuery = (org: string, job: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'jobs', 'one', job),
    queryFn: ({ signal }) =>
      ask(() => api.GET('/api/v1/orgs/{org}/jobs/{job}', { params: { path: { org, job } }, signal })),
  });

/** Not over: it waits, or is at work. */
export const isLive = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'queued' || state === 'leased' || state === 'running';

/** How far a job is: what the last event said, or what the server knew when the job was asked for. */
export function useProgress(org: string, job: Job): Schemas['Progress'] | null {
  const { data } = useQuery<Schemas['Progress'] | null>({
    queryKey: progressKey(org, job.uid),
    // Events put it there; nobody asks for it.
    queryFn: () => null,
    enabled: false,
  });
  return data ?? job.progress ?? null;
}

/** The share of a job that is done, where its whole is known. */
export function shareOf(progress: Schemas['Progress'] | null): number | undefined {
  if (!progress) return undefined;
  const {
    bytes_done: bytes = 0,
    bytes_total: ofBytes,
    items_done: items = 0,
    items_total: ofItems,
  } = progress;
  if (ofBytes) return Math.min(1, bytes / ofBytes);
  if (ofItems) return Math.min(1, items / ofItems);
  return undefined;
}

/** Seconds that a job took, or takes up to now. */
export function lasted(job: Job, now: number): number | null {
  if (!job.started_at) return null;
  const end = job.ended_at ? new Date(job.ended_at).getTime() : now;
  return Math.max(0, (end - new Date(job.started_at).getTime()) / 1000);
}
