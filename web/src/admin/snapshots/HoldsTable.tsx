import { useState } from 'react';
import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toKeep } from '../../routes/adminKeep';
import { Button } from '../../ui/Button';
import { type Column, Table } from '../../ui/Table';
import { useNames } from '../names';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import { usePeople } from '../users/people';
import { useLocksFiles } from './HoldJob';
import { type Held, type Hold, shortId } from './snapshots';

interface TableProps {
  org: string;
  holds: readonly Hold[];
  /** The page says which snapshot it is. */
  isOfOneSnapshot?: boolean;
  /** With the snapshot's id from now on, and what the release set going. */
  onReleased: (released: Held) => void;
}

/** What is held, for which case, by whom. */
export function HoldsTable({ org, holds, isOfOneSnapshot = false, onReleased }: TableProps) {
  const text = useAdminText();
  const may = useMay();
  const change = useChange(org);
  const [releasing, setReleasing] = useState<Hold | null>(null);
  const columns = useColumns(org, isOfOneSnapshot, may('delete', 'hold') ? setReleasing : null);
  const release = async ({ repository, snapshot, case: name }: Hold) => {
    const answer = await change(
      () =>
        ask(() =>
          api.DELETE('/api/v1/orgs/{org}/repositories/{repository}/snapshots/{snapshot}/holds/{case}', {
            params: { path: { org, repository, snapshot, case: name } },
          }),
        ),
      text('holds.released', { name }),
      ['holds', 'snapshots', 'jobs'],
    );
    onReleased(answer);
  };
  return (
    <>
      <Table
        label={isOfOneSnapshot ? text('snapshot.heldNow') : text('nav.holds')}
        rows={holds}
        columns={columns}
        keyOf={(row) => `${row.snapshot} ${row.case}`}
      />
      {releasing && (
        <ConfirmByName
          isOpen
          title={text('holds.release.title', { name: releasing.case })}
          name={releasing.case}
          action={text('holds.release')}
          onClose={() => setReleasing(null)}
          onConfirm={() => release(releasing)}
        >
          <p>{text('holds.release.words')}</p>
          <LockedWords org={org} repository={releasing.repository} />
        </ConfirmByName>
      )}
    </>
  );
}

/** Where the storage keeps the files as well. */
function LockedWords({ org, repository }: { org: string; repository: string }) {
  const text = useAdminText();
  return useLocksFiles(org, repository) && <p>{text('holds.release.locked')}</p>;
}

function useColumns(org: string, isOfOne: boolean, onRelease: ((hold: Hold) => void) | null): Column<Hold>[] {
  const text = useAdminText();
  const format = useFormat();
  const names = useNames(org);
  const people = usePeople(org);
  const columns: Column<Hold>[] = [
    { id: 'case', head: text('holds.case'), cell: (row) => row.case },
    { id: 'reason', head: text('holds.reason'), cell: (row) => row.reason },
    { id: 'who', head: text('holds.who'), isExtra: true, cell: (row) => people.nameOf(row.who) },
    {
      id: 'until',
      head: text('holds.until'),
      cell: (row) => (row.until ? format.dateTime(row.until) : text('holds.untilReleased')),
    },
  ];
  if (!isOfOne) {
    columns.push({
      id: 'snapshot',
      head: text('holds.snapshot'),
      cell: (row) => (
        <Link href={toKeep.snapshot(row.repository, row.snapshot)}>
          {names.repository(row.repository)} <code>{shortId(row.snapshot)}</code>
        </Link>
      ),
    });
  }
  if (onRelease) {
    columns.push({
      id: 'release',
      head: text('holds.release'),
      isHeadHidden: true,
      isRight: true,
      cell: (row) => (
        <Button
          isSmall
          look="quiet"
          aria-label={`${text('holds.release')} ${row.case}`}
          onPress={() => onRelease(row)}
        >
          {text('holds.release')}
        </Button>
      ),
    });
  }
  return columns;
}
