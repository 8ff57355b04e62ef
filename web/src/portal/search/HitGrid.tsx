import type { KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { type GridColumn, VGrid } from '../../ui/grid/VGrid';
import { Badge } from '../../ui/Status';
import { useDownload } from '../browse/useDownload';
import { addressOf, nameOf, parentOf, shown } from '../data/address';
import type { Hit } from '../data/search';
import { KindIcon } from '../KindIcon';
import { useRestoreDialog } from '../restore/RestoreDialog';
import { Highlighted, nameRanges } from './Highlighted';
import styles from './Search.module.css';

/** A hit in an address: whose it is, and where. */
export const keyOfHit = (hit: Hit): string => `${hit.source}${addressOf(hit)}`;

interface HitGridProps {
  hits: readonly Hit[];
  count: number;
  current: number;
  onCurrent: (index: number) => void;
  onOpen: (hit: Hit) => void;
  onShow: (first: number, end: number) => void;
  isStale: boolean;
  /** Into a folder that was found. */
  folderLink: (hit: Hit) => string;
}

export function HitGrid({
  hits,
  count,
  current,
  onCurrent,
  onOpen,
  onShow,
  isStale,
  folderLink,
}: HitGridProps) {
  const text = usePortalText();
  const [, navigate] = useLocation();
  const download = useDownload();
  const restore = useRestoreDialog();
  const open = (hit: Hit) => (hit.kind === 'dir' ? navigate(folderLink(hit)) : onOpen(hit));
  const columns = useColumns(open);
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const hit = hits[index];
    if (event.ctrlKey || event.metaKey || event.altKey || !hit) return false;
    switch (event.key) {
      case 'd': {
        const items = [{ address: addressOf(hit), at: hit.last.id ?? hit.last.taken_at }];
        download.mutate({ source: hit.source, items, form: hit.kind === 'file' ? 'file' : 'zip' });
        return true;
      }
      case 'r': {
        const at = hit.last.id ?? hit.last.taken_at;
        const item = {
          address: addressOf(hit),
          name: nameOf(addressOf(hit)),
          kind: hit.kind,
          size: hit.size,
          at,
        };
        restore.open({ source: hit.source, items: [item] });
        return true;
      }
      case 'v':
        navigate(to.file(hit.source, { p: addressOf(hit) }));
        return true;
      case 'p':
        open(hit);
        return true;
      case 'Backspace':
        navigate(to.browse(hit.source, { p: parentOf(addressOf(hit)) }));
        return true;
      case 'Escape':
        document.querySelector<HTMLElement>('search input')?.focus();
        return true;
      default:
        return false;
    }
  };
  return (
    <>
      {restore.dialog}
      <VGrid<Hit>
        label={text('search.results')}
        count={count}
        // By position and not by path: while one types, rows change and do not move.
        rowAt={(index) => hits[index]}
        columns={columns}
        nameColumn="name"
        current={current}
        onMove={onCurrent}
        onOpen={(index) => hits[index] && open(hits[index])}
        onKey={onKey}
        onShow={onShow}
        rowClass={(hit) => (hit.deleted ? styles.gone : undefined)}
        isStale={isStale}
        narrow="minmax(0, 1fr) 118px"
      />
    </>
  );
}

function useColumns(open: (hit: Hit) => void): GridColumn<Hit>[] {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  return [
    {
      id: 'name',
      head: text('column.name'),
      width: 'minmax(0, 5fr)',
      cell: (hit) => {
        const { name, ranges } = nameRanges(hit);
        return (
          <span className={styles.name}>
            <KindIcon kind={hit.kind} name={name} />
            <button type="button" tabIndex={-1} className={styles.open} onClick={() => open(hit)}>
              <Highlighted words={name} ranges={ranges} />
            </button>
            {hit.deleted && (
              <span className={styles.badge}>
                <Badge tone="bad">{text('search.deleted', { date: format.date(hit.deleted) })}</Badge>
              </span>
            )}
            {hit.versions != null && hit.versions > 1 && (
              <span className={styles.versions}>
                <Badge>{text('count.versions', { n: hit.versions })}</Badge>
              </span>
            )}
          </span>
        );
      },
    },
    {
      id: 'where',
      head: text('column.where'),
      width: 'minmax(0, 4fr)',
      isExtra: true,
      cell: (hit) => (
        <span className={styles.where}>
          {hit.source_name} · {shown(parentOf(addressOf(hit)))}
        </span>
      ),
    },
    {
      id: 'size',
      head: text('column.size'),
      width: '86px',
      isRight: true,
      isExtra: true,
      cell: (hit) => (hit.kind === 'dir' ? '' : format.size(hit.size)),
    },
    {
      id: 'mtime',
      head: text('column.modified'),
      width: '110px',
      isRight: true,
      cell: (hit) => (hit.mtime ? format.ago(hit.mtime, now) : ''),
    },
  ];
}
