import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type Protection = Schemas['ProtectionBody'];
export type SourceProtection = Schemas['SourceProtectionBody'];
export type Verified = Schemas['VerifiedBody'];

export const protectionQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'protection'),
    queryFn: ({ signal }) =>
      ask(() => api.GET('/api/v1/orgs/{org}/protection', { params: { path: { org } }, signal })),
    // What is late becomes so by time alone, without any event.
    refetchInterval: 60_000,
  });

export const countOf = ({ sources }: Protection, ...states: string[]): number =>
  sources.filter(({ state }) => states.includes(state)).length;
