//! What the uids in jobs and plans are called. The lists are whole: an organization has hundreds of each, not millions.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, ask } from '../api/client';
import { allOf } from '../api/pages';
import { ofOrg } from './keys';

const FRESH_MS = 60_000;

export const agentsQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'agents', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/agents', { params: { path: { org }, query }, signal })),
      ),
    staleTime: FRESH_MS,
  });

export const sourcesQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'sources', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/sources', { params: { path: { org }, query }, signal })),
      ),
    staleTime: FRESH_MS,
  });

export const plansQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'plans', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/plans', { params: { path: { org }, query }, signal })),
      ),
    staleTime: FRESH_MS,
  });

export const repositoriesQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'repositories', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/repositories', { params: { path: { org }, query }, signal })),
      ),
    staleTime: FRESH_MS,
  });

export interface Names {
  agent: (uid: string | null | undefined) => string | undefined;
  source: (uid: string | null | undefined) => string | undefined;
  plan: (uid: string | null | undefined) => string | undefined;
  repository: (uid: string | null | undefined) => string | undefined;
  /** Whether all of them are here: what has no name then is gone. */
  areHere: boolean;
}

/** Names by uid; undefined while they are on their way, or for what is not there any more. */
export function useNames(org: string): Names {
  const agents = useQuery(agentsQuery(org)).data;
  const sources = useQuery(sourcesQuery(org)).data;
  const plans = useQuery(plansQuery(org)).data;
  const repositories = useQuery(repositoriesQuery(org)).data;
  return useMemo(
    () => ({
      agent: byUid(agents),
      source: byUid(sources),
      plan: byUid(plans),
      repository: byUid(repositories),
      areHere: [agents, sources, plans, repositories].every((list) => list !== undefined),
    }),
    [agents, sources, plans, repositories],
  );
}

function byUid(named: readonly { uid: string; name: string }[] = []) {
  const names = new Map(named.map(({ uid, name }) => [uid, name]));
  return (uid: string | null | undefined) => (uid ? names.get(uid) : undefined);
}
