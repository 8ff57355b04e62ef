import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toKeep } from '../../routes/adminKeep';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Badge, Status } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { PAGE_ROWS } from '../pages';
import { MoreRows } from '../parts/MoreRows';
import { type Person, peopleQuery } from './people';

interface TableProps {
  org: string | null;
  label: string;
  fits: (person: Person) => boolean;
}

/** People by name; all of them are known here, so that writing a name narrows the list at once. */
export function PeopleTable({ org, label, fits }: TableProps) {
  const text = useAdminText();
  const query = useQuery(peopleQuery(org));
  const [shown, setShown] = useState(PAGE_ROWS);
  const columns = useColumns();
  if (!query.data) {
    return query.error ? (
      <ErrorView error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton lines={6} height={34} />
    );
  }
  const fitting = query.data.filter(fits).toSorted((a, b) => a.name.localeCompare(b.name));
  const rows = fitting.slice(0, shown);
  if (rows.length === 0) {
    return (
      <Empty icon="users" title={text('users.none.title')}>
        {text('users.none.words')}
      </Empty>
    );
  }
  return (
    <>
      <Table label={label} rows={rows} columns={columns} keyOf={(row) => row.uid} />
      <MoreRows
        shown={rows.length}
        hasMore={fitting.length > shown}
        isLoading={false}
        onMore={() => setShown(shown + PAGE_ROWS)}
      />
    </>
  );
}

function useColumns(): Column<Person>[] {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  return [
    {
      id: 'name',
      head: text('users.name'),
      cell: (row) => <Link href={toKeep.user(row.uid)}>{row.name}</Link>,
    },
    { id: 'email', head: text('users.email'), isExtra: true, cell: (row) => row.email },
    { id: 'role', head: text('users.role'), cell: (row) => <Badge>{text(`role.${row.role}`)}</Badge> },
    { id: 'state', head: text('users.state'), cell: (row) => <PersonState person={row} /> },
    { id: 'signsIn', head: text('users.signsIn'), isExtra: true, cell: (row) => <SignsIn person={row} /> },
    {
      id: 'seen',
      head: text('users.seen'),
      isExtra: true,
      cell: (row) => (row.signed_in_at ? format.ago(row.signed_in_at, now) : text('time.never')),
    },
  ];
}

export function PersonState({ person }: { person: Person }) {
  const text = useAdminText();
  if (person.disabled) {
    return (
      <Status tone="warn" icon="lock">
        {text('users.state.disabled')}
      </Status>
    );
  }
  if (!person.signed_in_at) return <Status tone="neutral">{text('users.state.waiting')}</Status>;
  return <Status tone="good">{text('users.state.active')}</Status>;
}

export function SignsIn({ person }: { person: Person }) {
  const text = useAdminText();
  if (person.provider) return text('users.signsIn.provider');
  if (!person.has_password) return text('users.signsIn.nothing');
  return text(person.has_totp ? 'users.signsIn.totp' : 'users.signsIn.password');
}
