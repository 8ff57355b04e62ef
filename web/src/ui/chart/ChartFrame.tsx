import { type ReactNode, useState } from 'react';
import { useText } from '../../i18n/common';
import { Segments } from '../Choice';
import { type Column, Table } from '../Table';
import styles from './Chart.module.css';

interface ChartProps<Row> {
  title: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** The picture. It is hidden from who hears the page: the table says all it says. */
  children: ReactNode;
}

/** A picture of numbers, and its twin, the table. */
export function ChartFrame<Row>({ title, rows, columns, keyOf, children }: ChartProps<Row>) {
  const text = useText();
  const [view, setView] = useState<'chart' | 'table'>('chart');
  return (
    <figure className={styles.frame}>
      <figcaption className={styles.caption}>
        <h2>{title}</h2>
        <Segments
          label={text('chart.view')}
          value={view}
          onChange={setView}
          options={[
            { value: 'chart', label: text('chart.picture') },
            { value: 'table', label: text('chart.table') },
          ]}
        />
      </figcaption>
      {view === 'chart' ? (
        <div aria-hidden="true">{children}</div>
      ) : (
        <Table label={title} rows={rows} columns={columns} keyOf={keyOf} />
      )}
    </figure>
  );
}
