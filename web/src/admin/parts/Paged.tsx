import type { ReactNode } from 'react';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { ErrorNotice, ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import type { Pages } from '../pages';
import styles from './Paged.module.css';

interface PagedTableProps<Row> {
  label: string;
  pages: Pages<Row>;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** Instead of a table without rows. */
  empty: ReactNode;
}

/** A list of the server in all its states: not there yet, refused, empty, some of it, all of it. */
export function PagedTable<Row>({ label, pages, columns, keyOf, empty }: PagedTableProps<Row>) {
  const text = useAdminText();
  const { rows, error, hasMore } = pages;
  if (!rows)
    return error ? <ErrorView error={error} onRetry={pages.again} /> : <Skeleton lines={6} height={34} />;
  if (rows.length === 0) return empty;
  return (
    <div className={styles.list}>
      {error !== null && error !== undefined && <ErrorNotice error={error} onRetry={pages.again} />}
      <Table label={label} rows={rows} columns={columns} keyOf={keyOf} />
      <p role="status" className={styles.end}>
        {hasMore ? text('list.some', { n: rows.length }) : text('list.all', { n: rows.length })}
        {hasMore && (
          <Button isSmall onPress={pages.more} isPending={pages.isLoadingMore}>
            {text('list.more')}
          </Button>
        )}
      </p>
    </div>
  );
}
