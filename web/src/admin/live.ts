//! What happens in the organization, brought into what is shown: events say which lists are old, and are not the lists.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { MISSED, type OrgEvent, useEvents } from '../api/events';
import type { Schemas } from '../api/types';
import { ofOrg, progressKey } from './keys';

/** Hundreds of machines end their jobs in the same minute: lists are asked for anew once in so long. */
const GATHER_MS = 1_000;

/** The nouns whose lists an event makes old. */
function nounsOf(kind: string): readonly string[] {
  if (kind.startsWith('job.')) return ['jobs', 'runs', 'protection', 'job-days', 'snapshots'];
  if (kind === 'plan.changed') return ['plans', 'protection'];
  if (kind === 'agent.changed') return ['agents', 'enrolment-tokens', 'protection'];
  if (kind === 'restore.changed') return ['jobs'];
  // Holds are in snapshots: whoever puts one there, or releases it, makes another snapshot of the same.
  if (kind.startsWith('repository.'))
    return ['repositories', 'snapshots', 'holds', 'protection', 'usage', 'mirrors'];
  return [];
}

/** Keeps everything that is shown of an organization as it is. Once per page. */
export function useLive(org: string | null): void {
  const queries = useQueryClient();
  const old = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const listener = useCallback(
    (event: OrgEvent) => {
      if (!org) return;
      if (event.kind === MISSED) {
        void queries.invalidateQueries({ queryKey: ofOrg(org) });
        return;
      }
      if (event.kind === 'job.progress' && event.job) {
        queries.setQueryData(progressKey(org, event.job), event.data as Schemas['Progress']);
        return;
      }
      // Lines of a log concern only who reads that log: it listens itself.
      if (event.kind === 'job.log') return;
      for (const noun of nounsOf(event.kind)) old.current.add(noun);
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        renew(queries, org, old.current);
        old.current.clear();
      }, GATHER_MS);
    },
    [queries, org],
  );
  useEvents(org, listener);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function renew(queries: QueryClient, org: string, nouns: ReadonlySet<string>): void {
  for (const noun of nouns) void queries.invalidateQueries({ queryKey: ofOrg(org, noun) });
}
