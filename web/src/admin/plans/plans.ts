import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask, askTagged } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type Plan = Schemas['PlanBody'];
export type PlanSpec = Schemas['PlanSpec'];
export type Schedule = Schemas['Schedule'];

export const planQuery = (org: string, plan: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'plans', 'one', plan),
    queryFn: ({ signal }) =>
      askTagged(() =>
        api.GET('/api/v1/orgs/{org}/plans/{plan}', { params: { path: { org, plan } }, signal }),
      ),
  });

export const nextRunsQuery = (org: string, plan: string, count: number) =>
  queryOptions({
    queryKey: ofOrg(org, 'plans', 'next', plan, count),
    queryFn: ({ signal }) =>
      ask(() =>
        api.GET('/api/v1/orgs/{org}/plans/{plan}/runs', {
          params: { path: { org, plan }, query: { count } },
          signal,
        }),
      ),
  });

export const historyQuery = (org: string, plan: string) =>
  infiniteQueryOptions({
    queryKey: ofOrg(org, 'runs', plan),
    queryFn: ({ pageParam, signal }) =>
      ask(() =>
        api.GET('/api/v1/orgs/{org}/plans/{plan}/history', {
          params: { path: { org, plan }, query: { limit: 50, ...(pageParam && { after: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const versionsQuery = (org: string, plan: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'plans', 'versions', plan),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() =>
          api.GET('/api/v1/orgs/{org}/plans/{plan}/versions', {
            params: { path: { org, plan }, query },
            signal,
          }),
        ),
      ),
  });
