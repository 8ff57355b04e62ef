import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, ask, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';

export type Restore = Schemas['RestoreBody'];
export type Rule = Schemas['OnConflictBody'];
export type Choice = Schemas['ChoiceBody'];
export type RestoreState = Schemas['RestoreStateBody'];

const LISTED_MAX = 100;
const AGAIN_MS = 3_000;

const FINAL: ReadonlySet<RestoreState> = new Set([
  'denied',
  'done',
  'done_with_errors',
  'failed',
  'cancelled',
]);
export const isFinal = (state: RestoreState): boolean => FINAL.has(state);

const listKey = ['restores'] as const;
const oneKey = (restore: string) => ['restore', restore] as const;

/** `whose`: one's own, or all of the organization, for who watches over it. */
export const restoresQuery = (whose: 'mine' | 'all') =>
  queryOptions({
    queryKey: [...listKey, whose],
    queryFn: async ({ signal }) => {
      const query = { limit: LISTED_MAX, whose };
      return (await ask(() => api.GET('/portal/v1/restores', { params: { query }, signal }))).items;
    },
    refetchInterval: (query) =>
      query.state.data?.some((restore) => !isFinal(restore.state)) ? AGAIN_MS : false,
  });

/** What waits for somebody to agree, for who may. */
export const waitingQuery = queryOptions({
  queryKey: [...listKey, 'waiting'],
  queryFn: async ({ signal }) => {
    const query = { limit: LISTED_MAX, whose: 'all', waiting: true } as const;
    return (await ask(() => api.GET('/portal/v1/restores', { params: { query }, signal }))).items;
  },
  refetchInterval: 15_000,
});

export const restoreQuery = (restore: string) =>
  queryOptions({
    queryKey: oneKey(restore),
    queryFn: ({ signal }) =>
      ask(() => api.GET('/portal/v1/restores/{restore}', { params: { path: { restore } }, signal })),
    // What is told of a restore ends with it; putting back what it replaced comes after.
    refetchInterval: (query) => (query.state.data && isUndoing(query.state.data) ? AGAIN_MS : false),
  });

const UNDOING: ReadonlySet<string> = new Set(['queued', 'leased', 'running']);

/** Whether what it replaced is being put back. */
export const isUndoing = (restore: Restore): boolean =>
  restore.undo != null && UNDOING.has(restore.undo.state);

/** A restore as it goes on. The server tells its whole state at every change. */
export function useRestore(restore: string) {
  const queries = useQueryClient();
  const query = useQuery(restoreQuery(restore));
  const state = query.data?.state;
  const isOver = state !== undefined && isFinal(state);
  useEffect(() => {
    if (isOver) return;
    const events = new EventSource(`/portal/v1/restores/${restore}/events`);
    events.addEventListener('restore', (message) => {
      queries.setQueryData(oneKey(restore), JSON.parse(message.data) as Restore);
    });
    return () => events.close();
  }, [restore, isOver, queries]);
  return query;
}

export const devicesForQuery = (source: string) =>
  queryOptions({
    queryKey: ['restore-devices', source],
    queryFn: async ({ signal }) => {
      const query = { source, limit: LISTED_MAX };
      return (await ask(() => api.GET('/portal/v1/restores/devices', { params: { query }, signal }))).items;
    },
    staleTime: 15_000,
  });

export const reportQuery = (restore: string, of: 'check' | 'result') =>
  queryOptions({
    queryKey: [...oneKey(restore), 'report', of],
    queryFn: ({ signal }) => {
      const params = { path: { restore }, query: { of } };
      return ask(() => api.GET('/portal/v1/restores/{restore}/report', { params, signal }));
    },
  });

export function useNewRestore() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['NewRestoreBody']) => {
      const headers = newKey();
      return ask(() => api.POST('/portal/v1/restores', { body, headers }));
    },
    onSuccess: (restore) => {
      queries.setQueryData(oneKey(restore.uid), restore);
      return queries.invalidateQueries({ queryKey: listKey });
    },
  });
}

type Verb =
  | { verb: 'start'; on_conflict: Rule; choices: Choice[] }
  | { verb: 'cancel' | 'pause' | 'resume' | 'undo' }
  | { verb: 'approve' | 'deny'; why: string };

/** Does something to a restore; what it is then, the answer says. */
export function useRestoreVerb(restore: string) {
  const queries = useQueryClient();
  const params = { path: { restore } };
  return useMutation({
    mutationFn: (asked: Verb): Promise<Restore> => {
      switch (asked.verb) {
        case 'start': {
          const { on_conflict, choices } = asked;
          return ask(() =>
            api.POST('/portal/v1/restores/{restore}/start', { params, body: { on_conflict, choices } }),
          );
        }
        case 'cancel':
          return ask(() => api.POST('/portal/v1/restores/{restore}/cancel', { params, body: {} }));
        case 'pause':
          return ask(() => api.POST('/portal/v1/restores/{restore}/pause', { params, body: {} }));
        case 'resume':
          return ask(() => api.POST('/portal/v1/restores/{restore}/resume', { params, body: {} }));
        case 'undo':
          return ask(() => api.POST('/portal/v1/restores/{restore}/undo', { params, body: {} }));
        case 'approve':
          return ask(() =>
            api.POST('/portal/v1/restores/{restore}/approve', { params, body: verdict(asked.why) }),
          );
        case 'deny':
          return ask(() =>
            api.POST('/portal/v1/restores/{restore}/deny', { params, body: verdict(asked.why) }),
          );
      }
    },
    onSuccess: (changed) => queries.setQueryData(oneKey(restore), changed),
  });
}

/** The description has another thing of the name that this body has. */
const verdict = (why: string): Schemas['ApprovalVerdictBody'] => ({ why });
