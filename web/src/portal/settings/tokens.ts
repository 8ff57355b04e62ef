import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey } from '../../api/client';

const KEY = ['me', 'tokens'];
const TOKENS_MAX = 100;
const DAY_MS = 86_400_000;

/** What a token may do, as people choose it. */
export const PURPOSES = {
  drive: ['snapshots:read', 'snapshots:export'],
  read: ['*:read'],
  all: ['*:read', '*:write', '*:run'],
} as const satisfies Record<string, readonly string[]>;
export type Purpose = keyof typeof PURPOSES;

export const useTokens = () =>
  useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      const query = { limit: TOKENS_MAX };
      return (await ask(() => api.GET('/api/v1/me/tokens', { params: { query }, signal }))).items;
    },
  });

interface NewToken {
  name: string;
  purpose: Purpose;
  days: number;
}

export function useNewToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, purpose, days }: NewToken) => {
      const expires_at = new Date(Date.now() + days * DAY_MS).toISOString();
      const body = { name, scopes: [...PURPOSES[purpose]], expires_at };
      const headers = newKey();
      return ask(() => api.POST('/api/v1/me/tokens', { body, headers }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useEndToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      ask(() => api.DELETE('/api/v1/me/tokens/{token}', { params: { path: { token } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** A token that opens drives and nothing else is a drive's password. */
export const isDrive = (token: { scopes: readonly string[] }): boolean =>
  token.scopes.every((scope) => scope.startsWith('snapshots:'));
