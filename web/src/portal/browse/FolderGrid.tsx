import { type KeyboardEvent, type MouseEvent, type ReactNode, useMemo, useRef } from 'react';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import type { BrowseState } from '../../routes/portal';
import { Checkbox } from '../../ui/Choice';
import { type GridColumn, VGrid } from '../../ui/grid/VGrid';
import { Icon } from '../../ui/Icon';
import { Badge } from '../../ui/Status';
import { useTell } from '../../ui/Toast';
import { type Address, nameOf, within } from '../data/address';
import { type Entry, isFolder } from '../data/tree';
import { KindIcon } from '../KindIcon';
import { useRestoreDialog } from '../restore/RestoreDialog';
import styles from './Browse.module.css';
import { CHOSEN_MAX, type Item, useChosen } from './chosen';
import { useDownload } from './useDownload';
import type { Rows } from './useFolder';

type Sort = BrowseState['sort'];

interface FolderGridProps {
  rows: Rows;
  source: string;
  folder: Address;
  sort: Sort;
  onSort: (sort: Sort) => void;
  current: number;
  onCurrent: (index: number) => void;
  onOpen: (entry: Entry) => void;
  onParent: () => void;
  onCopy: () => void;
  onDeleted: () => void;
  onVersions: (entry: Entry) => void;
  empty: ReactNode;
}

/** The list of a folder, with its keys. */
export function FolderGrid(props: FolderGridProps) {
  const { rows, folder, source, sort, onSort, current, onCurrent, onOpen } = props;
  const text = usePortalText();
  const format = useFormat();
  const tell = useTell();
  const chosen = useChosen();
  const download = useDownload();
  const restore = useRestoreDialog();
  /** Where a range began. */
  const anchor = useRef(0);
  const at = rows.folder?.snapshot.id ?? '';
  const may = (use: Schemas['UseBody']) => rows.folder?.uses.includes(use) ?? false;

  const itemOf = (entry: Entry): Item => ({
    address: within(folder, entry),
    name: entry.name,
    kind: entry.kind,
    size: entry.size ?? null,
    at: entry.deleted?.id ?? at,
    takenAt: (entry.deleted ?? rows.folder?.snapshot)?.taken_at,
  });
  const toggle = (index: number) => {
    const entry = rows.rowAt(index);
    if (!entry || entry.bare) return;
    chosen.set([itemOf(entry)], !chosen.has(within(folder, entry)));
    anchor.current = index;
  };
  const extend = (to: number) => {
    const [first, last] = [Math.min(anchor.current, to), Math.max(anchor.current, to)];
    const entries = range(first, last).flatMap((index) => rows.rowAt(index) ?? []);
    chosen.set(entries.filter((entry) => !entry.bare).map(itemOf), true);
  };
  const chooseAll = () => {
    if (rows.count <= CHOSEN_MAX) {
      const entries = range(0, rows.count - 1).flatMap((index) => rows.rowAt(index) ?? []);
      chosen.set(entries.filter((entry) => !entry.bare).map(itemOf), true);
    } else {
      // More than one download takes one by one: the folder itself is chosen, which is the same.
      chosen.set([{ address: folder, name: nameOf(folder), kind: 'dir', size: null, at }], true);
      tell('good', text('chosen.wholeFolder', { n: rows.count }));
    }
  };
  const isChosen = (index: number) => {
    const entry = rows.rowAt(index);
    return chosen.has(folder) || (entry !== undefined && chosen.has(within(folder, entry)));
  };
  const takes = (index: number) => {
    const entry = rows.rowAt(index);
    return chosen.items.size > 0 ? [...chosen.items.values()] : entry && !entry.bare ? [itemOf(entry)] : [];
  };

  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const entry = rows.rowAt(index);
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      chooseAll();
      return true;
    }
    if (event.key === 'Backspace' || (event.key === 'ArrowUp' && event.altKey)) {
      props.onParent();
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    switch (event.key) {
      case ' ':
        toggle(index);
        return true;
      case 'Escape':
        chosen.clear();
        return chosen.items.size > 0;
      case 'p':
        if (entry && !isFolder(entry)) onOpen(entry);
        return true;
      case 'v':
        if (entry) props.onVersions(entry);
        return true;
      case 'd': {
        if (!may('download')) return false;
        const items = takes(index);
        const single = items.length === 1 && items[0]?.kind === 'file';
        if (items.length > 0) download.mutate({ source, items, form: single ? 'file' : 'zip' });
        return true;
      }
      case 'r':
        if (!may('restore')) return false;
        restore.open({ source, items: takes(index) });
        return true;
      case 'c':
        props.onCopy();
        return true;
      case 'x':
        props.onDeleted();
        return true;
      default:
        return false;
    }
  };
  const onPress = (index: number, event: MouseEvent) => {
    if (event.shiftKey) extend(index);
    else if (event.ctrlKey || event.metaKey) toggle(index);
    else anchor.current = index;
    onCurrent(index);
  };

  const columns = useColumns({ sort, onSort, onOpen, toggle, isChosen });
  return (
    <>
      <VGrid<Entry>
        label={nameOf(folder) || text('browse.root')}
        count={rows.count}
        rowAt={rows.rowAt}
        columns={columns}
        nameColumn="name"
        current={current}
        onMove={(index, { isExtending }) => {
          if (isExtending) extend(index);
          else anchor.current = index;
          onCurrent(index);
        }}
        onOpen={(index) => {
          const entry = rows.rowAt(index);
          if (entry) onOpen(entry);
        }}
        onPress={onPress}
        onKey={onKey}
        isSelected={isChosen}
        onShow={rows.onShow}
        rowClass={(entry) => (entry.deleted ? styles.gone : undefined)}
        empty={props.empty}
        isStale={rows.isStale}
        autoFocus
      />
      {restore.dialog}
      <span className="visually-hidden">{format.zone}</span>
    </>
  );
}

interface ColumnsGiven {
  sort: Sort;
  onSort: (sort: Sort) => void;
  onOpen: (entry: Entry) => void;
  toggle: (index: number) => void;
  isChosen: (index: number) => boolean;
}

function useColumns({ sort, onSort, onOpen, toggle, isChosen }: ColumnsGiven): GridColumn<Entry>[] {
  const text = usePortalText();
  const format = useFormat();
  const head = useMemo(() => {
    const by = (key: 'name' | 'size' | 'mtime', label: string) => {
      const isBy = sort === key || sort === `-${key}`;
      const next = (sort === key ? `-${key}` : key) as Sort;
      return {
        sorted: !isBy ? ('none' as const) : sort === key ? ('ascending' as const) : ('descending' as const),
        head: (
          <button type="button" className={styles.sort} onClick={() => onSort(next)}>
            {label}
            {isBy && <Icon name={sort === key ? 'chevron-up' : 'chevron-down'} />}
          </button>
        ),
      };
    };
    return {
      name: by('name', text('column.name')),
      size: by('size', text('column.size')),
      mtime: by('mtime', text('column.modified')),
    };
  }, [sort, onSort, text]);
  return [
    {
      id: 'chosen',
      head: <span className="visually-hidden">{text('column.chosen')}</span>,
      width: '24px',
      cell: (entry, index) =>
        !entry.bare && (
          <Checkbox
            isSelected={isChosen(index)}
            onChange={() => toggle(index)}
            aria-label={text('column.choose', { name: entry.name })}
          />
        ),
    },
    {
      id: 'name',
      ...head.name,
      width: 'minmax(0, 1fr)',
      cell: (entry) => (
        <span className={styles.name}>
          <KindIcon kind={entry.kind} name={entry.name} />
          {/* A press on the name opens; the row's own keys do the same, so that it is no stop of the tab key. */}
          <button type="button" tabIndex={-1} className={styles.open} onClick={() => onOpen(entry)}>
            {entry.name}
          </button>
          {entry.deleted && (
            <Badge tone="bad">{text('browse.lastSeen', { date: format.date(entry.deleted.taken_at) })}</Badge>
          )}
        </span>
      ),
    },
    {
      id: 'size',
      ...head.size,
      width: '90px',
      isRight: true,
      cell: (entry) => (isFolder(entry) ? '' : format.size(entry.size)),
    },
    {
      id: 'mtime',
      ...head.mtime,
      width: '150px',
      isExtra: true,
      cell: (entry) => (entry.mtime && !entry.bare ? format.dateTime(entry.mtime) : ''),
    },
  ];
}

const range = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
