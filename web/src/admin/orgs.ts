import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../api/client';
import { allOf } from '../api/pages';

/** Every organization that one may see: one's own, or all of the installation. */
export const orgsQuery = queryOptions({
  queryKey: ['orgs'],
  queryFn: ({ signal }) =>
    allOf((query) => ask(() => api.GET('/api/v1/orgs', { params: { query }, signal }))),
  staleTime: 60_000,
});
