import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toKeep } from '../../routes/adminKeep';
import type { Column } from '../../ui/Table';
import { useNames } from '../names';
import styles from './Snapshots.module.css';
import { SnapshotTags } from './SnapshotTags';
import { type ListedSnapshot, shortId } from './snapshots';

/** What lists of snapshots say of each. */
export function useSnapshotColumns(org: string): Column<ListedSnapshot>[] {
  const text = useAdminText();
  const format = useFormat();
  const names = useNames(org);
  return [
    {
      id: 'taken',
      head: text('snapshots.taken'),
      cell: (row) => (
        <Link href={toKeep.snapshot(row.repository, row.id)} className={styles.taken}>
          {format.dateTime(row.taken_at)} <code>{shortId(row.id)}</code>
        </Link>
      ),
    },
    {
      id: 'host',
      head: text('snapshots.host'),
      cell: (row) => <Origin host={row.host} source={names.source(row.source)} />,
    },
    {
      id: 'paths',
      head: text('snapshots.paths'),
      isExtra: true,
      cell: (row) => (
        <span className={styles.paths} title={row.paths.join('\n')}>
          {row.paths.join(', ')}
        </span>
      ),
    },
    {
      id: 'repository',
      head: text('snapshots.repository'),
      isExtra: true,
      cell: (row) => names.repository(row.repository) ?? '',
    },
    {
      id: 'tags',
      head: text('snapshots.tags'),
      isExtra: true,
      cell: (row) => <SnapshotTags org={org} tags={row.tags} isHeld={row.holds.length > 0} />,
    },
    {
      id: 'size',
      head: text('snapshots.size'),
      isRight: true,
      cell: (row) => (row.bytes == null ? '–' : format.size(row.bytes)),
    },
    {
      id: 'added',
      head: text('snapshots.added'),
      isRight: true,
      isExtra: true,
      cell: (row) => (row.added_bytes == null ? '–' : format.size(row.added_bytes)),
    },
  ];
}

/** Of what it is: the name that people know, and the machine's. */
function Origin({ host, source }: { host: string; source: string | undefined }) {
  return (
    <>
      {source ?? host}
      {source && source !== host && <span className={styles.host}>{host}</span>}
    </>
  );
}
