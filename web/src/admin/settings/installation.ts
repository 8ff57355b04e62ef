import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';

/** What the server is, and where it is reached. */
export const installationQuery = queryOptions({
  queryKey: ['installation', 'about'],
  queryFn: ({ signal }) => ask(() => api.GET('/api/v1/installation', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});
