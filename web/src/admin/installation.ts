import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../api/client';

/** What the server is, and where machines reach it. */
export const installationQuery = queryOptions({
  queryKey: ['installation', 'about'],
  queryFn: ({ signal }) => ask(() => api.GET('/api/v1/installation', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});
