import { QueryClient } from '@tanstack/react-query';
import { isPassing } from './problem';

const RETRIES_MAX = 2;
const FRESH_MS = 15_000;

/** One per page. What is passing is tried again; what was refused is shown. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // What a browser says of its network is not asked: it would leave pages waiting without a word, and do later what
        // somebody wanted then. What cannot be reached fails, and is said.
        networkMode: 'always',
        staleTime: FRESH_MS,
        retry: (count, error) => count < RETRIES_MAX && isPassing(error),
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
