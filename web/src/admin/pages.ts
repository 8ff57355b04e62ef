//! Lists of the server, a page at a time: what was loaded stays, and more comes when it is asked for.
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

interface Page<Row> {
  items: Row[];
  next?: string | null | undefined;
}

/** Asks for one page: the rows after `after`. */
type Ask<Row> = (after: string | undefined, signal: AbortSignal) => Promise<Page<Row>>;

export interface Pages<Row> {
  /** Nothing while the first page is not there. */
  rows: readonly Row[] | undefined;
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  more: () => void;
  again: () => void;
}

/** Rows that are asked for at once. */
export const PAGE_ROWS = 100;

export function usePages<Row>(queryKey: QueryKey, ask: Ask<Row>, isAsked = true): Pages<Row> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: isAsked,
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    rows,
    error: query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    more: () => void query.fetchNextPage(),
    again: () => void query.refetch(),
  };
}
