import {
  type InfiniteData,
  infiniteQueryOptions,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { api, ask } from '../../api/client';
import { MISSED, type OrgEvent, useEvents } from '../../api/events';
import { PAGE_ITEMS_MAX, type Page } from '../../api/pages';
import type { Schemas } from '../../api/types';

export type LogLine = Schemas['LogLineBody'];
type Lines = InfiniteData<Page<LogLine>, string>;

/** An agent sends its lines in heaps: they are fetched once in so long. */
const GATHER_MS = 700;

const pageOf = (org: string, job: string, after: string, signal?: AbortSignal) => {
  const query = { limit: PAGE_ITEMS_MAX, ...(after && { after }) };
  const params = { path: { org, job }, query };
  return ask(() =>
    api.GET('/api/v1/orgs/{org}/jobs/{job}/log', { params, ...(signal && { signal }) }),
  ) as Promise<Page<LogLine>>;
};

// Filed apart from jobs: a whole log is not read anew because its job went on.
const logQuery = (org: string, job: string) =>
  infiniteQueryOptions({
    queryKey: ['org-log', org, job],
    queryFn: ({ pageParam, signal }) => pageOf(org, job, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** A job's log, which grows while one looks: what is new is read from where the last page begins. */
export function useLog(org: string, job: string) {
  const queries = useQueryClient();
  const log = useInfiniteQuery(logQuery(org, job));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const readOn = useCallback(async () => {
    const { queryKey } = logQuery(org, job);
    const had = queries.getQueryData<Lines>(queryKey);
    const last = had?.pageParams.at(-1);
    if (had === undefined || last === undefined) return;
    const page = await pageOf(org, job, last).catch(() => null);
    if (!page) return;
    queries.setQueryData<Lines>(queryKey, (now) =>
      now?.pageParams.at(-1) === last ? { ...now, pages: [...now.pages.slice(0, -1), page] } : now,
    );
  }, [queries, org, job]);

  const listener = useCallback(
    (event: OrgEvent) => {
      const isOurs = event.job === job && (event.kind === 'job.log' || event.kind === 'job.ended');
      if (!isOurs && event.kind !== MISSED) return;
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        void readOn();
      }, GATHER_MS);
    },
    [job, readOn],
  );
  useEvents(org, listener);
  useEffect(() => () => clearTimeout(timer.current), []);

  // Lines are read to the end: a log has ten thousand at most, and whoever looks wants the last ones.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = log;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  return { lines: log.data?.pages.flatMap((page) => page.items), error: log.error, refetch: log.refetch };
}
