import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { api, askOnce } from './client';
import type { Schemas } from './types';

export type Me = Schemas['MeBody'];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => askOnce(() => api.GET('/api/v1/me', { signal })),
  staleTime: 60_000,
});

/** Who is signed in. Only below `SignedIn`, which waits for it. */
export const useMe = (): Me => useSuspenseQuery(meQuery).data;

/** The same where nobody may be signed in. */
export const useMaybeMe = () => useQuery({ ...meQuery, retry: false });

/** The organization whose files and plans one sees; null for who runs the installation. */
export const useOrg = (): string | null => useMe().user.org ?? null;
