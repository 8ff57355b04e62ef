import type { KeyboardEvent } from 'react';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { classes } from '../../lib/classes';
import { Checkbox } from '../../ui/Choice';
import { type GridColumn, VGrid } from '../../ui/grid/VGrid';
import { Icon, type IconName } from '../../ui/Icon';
import { useChosen } from '../browse/chosen';
import { addressOf, nameOf, parentOf, shown } from '../data/address';
import styles from './Diff.module.css';
import { earlierOf } from './earlier';
import type { Kind, Line } from './useDiff';

const SHAPES: Record<Kind, IconName> = {
  added: 'plus',
  changed: 'change',
  removed: 'minus',
  moved: 'arrow-right',
  broken: 'warning',
};

interface DiffGridProps {
  lines: readonly Line[];
  /** The earlier snapshot: what is selected is taken from there. */
  from: string;
  current: number;
  onCurrent: (index: number) => void;
  onOpen: (index: number) => void;
}

/** Differences, line by line. What was there before can be selected, to be taken back. */
export function DiffGrid({ lines, from, current, onCurrent, onOpen }: DiffGridProps) {
  const text = usePortalText();
  const format = useFormat();
  const chosen = useChosen();
  const isChosen = (index: number) => {
    const line = lines[index];
    return line?.before != null && chosen.has(addressOf(line.from ?? line));
  };
  const toggle = (index: number) => {
    const line = lines[index];
    const item = line && earlierOf(line, from);
    if (item) chosen.set([item], !chosen.has(item.address));
  };
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      chosen.set(
        lines.flatMap((line) => earlierOf(line, from) ?? []),
        true,
      );
      return true;
    }
    if (event.key === ' ') toggle(index);
    else if (event.key === 'Escape' && chosen.items.size > 0) chosen.clear();
    else return false;
    return true;
  };
  const columns: GridColumn<Line>[] = [
    {
      id: 'chosen',
      head: <span className="visually-hidden">{text('column.chosen')}</span>,
      width: '24px',
      cell: (line, index) =>
        line.before && (
          <Checkbox
            isSelected={isChosen(index)}
            onChange={() => toggle(index)}
            aria-label={text('column.choose', { name: nameOf(addressOf(line)) })}
          />
        ),
    },
    {
      id: 'change',
      head: <span className="visually-hidden">{text('diff.kinds')}</span>,
      width: '22px',
      cell: (line) => (
        <span className={classes(styles.shape, styles[line.change])}>
          <Icon name={SHAPES[line.change]} />
          <span className="visually-hidden">{text(`diff.${line.change}`)}</span>
        </span>
      ),
    },
    {
      id: 'name',
      head: text('column.name'),
      width: 'minmax(0, 1fr)',
      cell: (line, index) => (
        <span className={styles.name}>
          <button type="button" tabIndex={-1} className={styles.open} onClick={() => onOpen(index)}>
            {nameOf(addressOf(line))}
          </button>
          <span className={styles.soft}>
            {line.from
              ? text('diff.movedFrom', { path: shown(addressOf(line.from)) })
              : (line.error ?? shown(parentOf(addressOf(line))))}
          </span>
        </span>
      ),
    },
    {
      id: 'size',
      head: text('column.size'),
      width: '190px',
      isRight: true,
      cell: (line) => {
        const [before, after] = [line.before?.size, line.after?.size];
        if (line.change === 'changed' && before != null && after != null) {
          return `${format.size(before)} → ${format.size(after)}`;
        }
        return format.size(after ?? before);
      },
    },
  ];
  return (
    <VGrid<Line>
      label={text('diff.results')}
      count={lines.length}
      rowAt={(index) => lines[index]}
      columns={columns}
      nameColumn="name"
      current={Math.min(current, Math.max(0, lines.length - 1))}
      onMove={onCurrent}
      onOpen={onOpen}
      onKey={onKey}
      isSelected={isChosen}
    />
  );
}
