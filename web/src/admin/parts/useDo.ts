import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useErrorText } from '../../ui/ErrorView';
import { useTell } from '../../ui/Toast';
import { ofOrg } from '../keys';

type Do = (what: () => Promise<unknown>, done: string, nouns: readonly string[]) => Promise<boolean>;

/** Does what a button is for: says that it is done, or why not, and asks anew for the lists that it changed. */
export function useDo(org: string): Do {
  const queries = useQueryClient();
  const tell = useTell();
  const errorText = useErrorText();
  return useCallback(
    async (what, done, nouns) => {
      try {
        await what();
      } catch (refused) {
        tell('bad', errorText(refused));
        return false;
      }
      await Promise.all(nouns.map((noun) => queries.invalidateQueries({ queryKey: ofOrg(org, noun) })));
      tell('good', done);
      return true;
    },
    [queries, tell, errorText, org],
  );
}
