import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTell } from '../../ui/Toast';
import { filed } from '../keys';

/** Sends a change; afterwards says that it is done, and asks anew for the lists that it changed. */
export type Change = <T>(send: () => Promise<T>, done: string, nouns: readonly string[]) => Promise<T>;

/** As `useDo`, for dialogs and forms, which show a refusal themselves: it is thrown on. Without an organization: the installation. */
export function useChange(org: string | null): Change {
  const queries = useQueryClient();
  const tell = useTell();
  return useCallback(
    async (send, done, nouns) => {
      try {
        const answer = await send();
        tell('good', done);
        return answer;
      } finally {
        // What was refused may have been, because the list is old.
        for (const noun of nouns) void queries.invalidateQueries({ queryKey: filed(org, noun) });
      }
    },
    [queries, tell, org],
  );
}
