import type { ReactNode } from 'react';
import { ErrorNotice, ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import type { Pages } from '../pages';
import { MoreRows } from './MoreRows';

interface PagedProps<Row> {
  label: string;
  pages: Pages<Row>;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** Instead of a table without rows. */
  empty: ReactNode;
}

/** A list of the server in all its states: not there yet, refused, empty, some of it, all of it. */
export function Paged<Row>({ label, pages, columns, keyOf, empty }: PagedProps<Row>) {
  const { rows, error } = pages;
  if (!rows)
    return error ? <ErrorView error={error} onRetry={pages.again} /> : <Skeleton lines={6} height={34} />;
  if (rows.length === 0) return empty;
  return (
    <>
      {error ? <ErrorNotice error={error} onRetry={pages.again} /> : null}
      <Table label={label} rows={rows} columns={columns} keyOf={keyOf} />
      <MoreRows
        shown={rows.length}
        hasMore={pages.hasMore}
        isLoading={pages.isLoadingMore}
        onMore={pages.more}
      />
    </>
  );
}
