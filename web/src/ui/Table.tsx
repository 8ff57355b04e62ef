import type { ReactNode } from 'react';
import { classes } from '../lib/classes';
import styles from './Table.module.css';

export interface Column<Row> {
  id: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Numbers, sizes. */
  isRight?: boolean;
  /** Left out where there is no room. */
  isExtra?: boolean;
  /** The head is said and not shown: columns of buttons. */
  isHeadHidden?: boolean;
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
}

/**
 * Up to some hundred rows; the first column names the row. Longer lists are a VGrid. On phones each row is a card; a table that is
 * laid out otherwise is none to browsers any more, so that every part says what it is.
 */
export function Table<Row>({ label, rows, columns, keyOf }: TableProps<Row>) {
  const shape = (column: Column<Row>) =>
    classes(column.isRight && styles.right, column.isExtra && styles.extra);
  return (
    <div role="group" aria-label={label} className={styles.frame} tabIndex={0}>
      {/* biome-ignore-start lint/a11y/noRedundantRoles: see above */}
      <table className={styles.table} role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.id} scope="col" role="columnheader" className={shape(column)}>
                <span className={column.isHeadHidden ? 'visually-hidden' : undefined}>{column.head}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row" role="rowheader" className={shape(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td
                    key={column.id}
                    role="cell"
                    className={shape(column)}
                    {...(!column.isHeadHidden && { 'data-head': column.head })}
                  >
                    <div className={styles.value}>{column.cell(row)}</div>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
    </div>
  );
}
