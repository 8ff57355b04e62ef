import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useErrorText } from '../../ui/ErrorView';
import { useTell } from '../../ui/Toast';
import { ofOrg } from '../keys';

type Done = (words: string, nouns: readonly string[]) => Promise<void>;
type Do = (what: () => Promise<unknown>, done: string, nouns: readonly string[]) => Promise<boolean>;

/** Says that something is done, once the lists that it changed were asked for anew. */
export function useDone(org: string): Done {
  const queries = useQueryClient();
  const tell = useTell();
  return useCallback(
    async (words, nouns) => {
      await Promise.all(nouns.map((noun) => queries.invalidateQueries({ queryKey: ofOrg(org, noun) })));
      tell('good', words);
    },
    [queries, tell, org],
  );
}

/** Does what a button is for, and says that it is done, or why not. */
export function useDo(org: string): Do {
  const done = useDone(org);
  const tell = useTell();
  const errorText = useErrorText();
  return useCallback(
    async (what, words, nouns) => {
      try {
        await what();
      } catch (refused) {
        tell('bad', errorText(refused));
        return false;
      }
      await done(words, nouns);
      return true;
    },
    [done, tell, errorText],
  );
}
