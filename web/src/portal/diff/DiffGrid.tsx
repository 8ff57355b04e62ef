import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { classes } from '../../lib/classes';
import { type GridColumn, VGrid } from '../../ui/grid/VGrid';
import { Icon, type IconName } from '../../ui/Icon';
import { addressOf, nameOf, parentOf, shown } from '../data/address';
import styles from './Diff.module.css';
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
  current: number;
  onCurrent: (index: number) => void;
  onOpen: (index: number) => void;
}

export function DiffGrid({ lines, current, onCurrent, onOpen }: DiffGridProps) {
  const text = usePortalText();
  const format = useFormat();
  const columns: GridColumn<Line>[] = [
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
    />
  );
}
