import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';

interface WholeProps<Row> {
  label: string;
  query: Pick<UseQueryResult<Row[]>, 'data' | 'error' | 'refetch'>;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** Instead of a table without rows. */
  empty: ReactNode;
}

/** A list that comes whole, in all its states: not there yet, refused, empty, there. */
export function Whole<Row>({ label, query, columns, keyOf, empty }: WholeProps<Row>) {
  if (!query.data)
    return query.error ? (
      <ErrorView error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton lines={4} height={34} />
    );
  if (query.data.length === 0) return empty;
  return <Table label={label} rows={query.data} columns={columns} keyOf={keyOf} />;
}
