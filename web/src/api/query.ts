import { QueryClient } from '@tanstack/react-query';
import { isPassing } from './problem';

const RETRIES_MAX = 2;
const FRESH_MS = 15_000;

/** One per page. What is passing is tried again; what was refused is shown. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (count, error) => count < RETRIES_MAX && isPassing(error),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}
