import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { type Entry, type Folder, type FolderAsked, PAGE_ROWS, pageQuery } from '../data/tree';

export interface Rows {
  /** The first page: what is known of the folder itself. */
  folder: Folder | undefined;
  error: Error | null;
  /** All rows, those that are gone among them. */
  count: number;
  rowAt: (index: number) => Entry | undefined;
  /** What is shown is of the time or order before. */
  isStale: boolean;
  onShow: (first: number, end: number) => void;
  retry: () => void;
}

/** The same function at every drawing, so that the same pages are the same list. */
const dataOf = (results: { data?: Folder | undefined }[]) => results.map((result) => result.data);

/** The rows of a folder of any length: the pages in sight, and one more on each side. */
export function useFolder(asked: FolderAsked): Rows {
  const [shown, setShown] = useState<[first: number, last: number]>([0, 0]);
  const head = useQuery({ ...pageQuery(asked, 0), placeholderData: keepPreviousData });
  const folder = head.data;
  const count = (folder?.total ?? 0) + (folder?.deleted ?? 0);
  const last = Math.max(0, Math.ceil(count / PAGE_ROWS) - 1);
  const [from, to] = [Math.max(1, shown[0] - 1), Math.min(last, shown[1] + 1)];
  const isSettled = folder !== undefined && !head.isPlaceholderData;
  const queries = useMemo(
    () =>
      isSettled
        ? Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => pageQuery(asked, from + at))
        : [],
    [isSettled, asked, from, to],
  );
  const pages = useQueries({ queries, combine: dataOf });

  const rowAt = useCallback(
    (index: number) => {
      const page = Math.floor(index / PAGE_ROWS);
      const data = page === 0 ? folder : pages[page - from];
      return data?.entries[index % PAGE_ROWS];
    },
    [folder, pages, from],
  );
  const onShow = useCallback((first: number, end: number) => {
    const next = [Math.floor(first / PAGE_ROWS), Math.floor(Math.max(first, end - 1) / PAGE_ROWS)] as const;
    setShown((before) => (before[0] === next[0] && before[1] === next[1] ? before : [next[0], next[1]]));
  }, []);
  return {
    folder,
    error: head.data ? null : head.error,
    count,
    rowAt,
    isStale: head.isPlaceholderData,
    onShow,
    retry: () => void head.refetch(),
  };
}
