//! A list of any length: rows of one height, of which those in sight are in the page. To who hears it, it is a grid of its true
//! length; the focus stays on the grid, and the row it is at is named (`aria-activedescendant`) when it is in the page.
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
} from 'react';
import { classes } from '../../lib/classes';
import { moved } from './keys';
import { useRowHeight, useWindow } from './useWindow';
import styles from './VGrid.module.css';

export interface GridColumn<Row> {
  id: string;
  head: ReactNode;
  cell: (row: Row, index: number) => ReactNode;
  /** As CSS writes widths of a grid's columns. */
  width: string;
  isRight?: boolean;
  /** Left out where the list is narrow. */
  isExtra?: boolean;
  sorted?: 'ascending' | 'descending' | 'none' | undefined;
}

interface VGridProps<Row> {
  label: string;
  /** How many rows there are, loaded or not. */
  count: number;
  /** Nothing, while it is not loaded. */
  rowAt: (index: number) => Row | undefined;
  columns: readonly GridColumn<Row>[];
  /** The column whose cell names the row. */
  nameColumn: string;
  /** The row the keyboard is at. */
  current: number;
  onMove: (index: number, how: { isExtending: boolean }) => void;
  onOpen: (index: number) => void;
  onPress?: (index: number, event: MouseEvent) => void;
  /** The page's own keys; true: it was one. */
  onKey?: (event: KeyboardEvent, index: number) => boolean;
  isSelected?: ((index: number) => boolean) | undefined;
  onShow?: (first: number, end: number) => void;
  rowClass?: (row: Row) => string | undefined;
  /** In place of the rows. */
  empty?: ReactNode;
  isStale?: boolean;
  /** The widths of the columns that are left where the list is narrow. */
  narrow?: string;
  autoFocus?: boolean;
}

export function VGrid<Row>(props: VGridProps<Row>) {
  const { label, count, rowAt, columns, current, onMove, onOpen, onPress, onKey, isSelected, onShow } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const { first, end } = useWindow(scroller, count, height);

  useEffect(() => onShow?.(first, end), [onShow, first, end]);
  useEffect(() => {
    if (props.autoFocus) grid.current?.focus({ preventScroll: true });
  }, [props.autoFocus]);
  // The row at the keyboard is brought into sight before it is named.
  useLayoutEffect(() => reveal(scroller.current, current, height), [current, height]);

  const rowsInSight = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? height) / height) - 1);
  const press = (event: KeyboardEvent) => {
    if (event.target !== grid.current || event.defaultPrevented) return;
    const next = moved(event, current, count, rowsInSight());
    if (next !== null) {
      event.preventDefault();
      onMove(next, { isExtending: event.shiftKey });
    } else if (event.key === 'Enter' && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      onOpen(current);
    } else if (onKey?.(event, current)) {
      event.preventDefault();
    }
  };

  const narrow = props.narrow ? { '--narrow': props.narrow } : {};
  const template = { ...narrow, gridTemplateColumns: columns.map((column) => column.width).join(' ') };
  const isNamed = current >= first && current < end;
  return (
    <div
      ref={grid}
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-multiselectable={isSelected !== undefined}
      aria-activedescendant={isNamed ? `${id}-${current}` : undefined}
      aria-busy={props.isStale}
      tabIndex={0}
      className={classes(styles.grid, props.isStale && styles.stale)}
      onKeyDown={press}
    >
      <div role="row" aria-rowindex={1} className={classes(styles.row, styles.head)} style={template}>
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            aria-sort={column.sorted}
            className={classes(styles.cell, column.isRight && styles.right, column.isExtra && styles.extra)}
          >
            {column.head}
          </div>
        ))}
      </div>
      <div ref={scroller} role="presentation" className={styles.body}>
        {count === 0 && props.empty ? (
          <div role="row" aria-rowindex={2} className={styles.empty}>
            <div role="gridcell">{props.empty}</div>
          </div>
        ) : (
          <div role="presentation" style={{ height: count * height, position: 'relative' }}>
            {range(first, Math.min(end, count)).map((index) => {
              const row = rowAt(index);
              return (
                <div
                  key={index}
                  id={`${id}-${index}`}
                  role="row"
                  tabIndex={-1}
                  aria-rowindex={index + 2}
                  aria-selected={isSelected ? isSelected(index) : undefined}
                  className={classes(
                    styles.row,
                    index === current && styles.current,
                    isSelected?.(index) && styles.selected,
                    row !== undefined && props.rowClass?.(row),
                  )}
                  style={{ ...template, height, transform: `translateY(${index * height}px)` }}
                  onClick={(event) =>
                    onPress ? onPress(index, event) : onMove(index, { isExtending: event.shiftKey })
                  }
                  onDoubleClick={() => onOpen(index)}
                >
                  {columns.map((column) => (
                    <div
                      key={column.id}
                      role={column.id === props.nameColumn ? 'rowheader' : 'gridcell'}
                      className={classes(
                        styles.cell,
                        column.isRight && styles.right,
                        column.isExtra && styles.extra,
                      )}
                    >
                      {row === undefined ? column.id === props.nameColumn && '…' : column.cell(row, index)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

const range = (first: number, end: number) =>
  Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);

function reveal(scroller: HTMLElement | null, index: number, height: number): void {
  if (!scroller) return;
  const top = index * height;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + height > scroller.scrollTop + scroller.clientHeight) {
    scroller.scrollTop = top + height - scroller.clientHeight;
  }
}
