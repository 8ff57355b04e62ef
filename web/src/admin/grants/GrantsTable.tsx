import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { type GrantsState, toKeep } from '../../routes/adminKeep';
import { Button } from '../../ui/Button';
import { Badge, Status } from '../../ui/Status';
import type { Column } from '../../ui/Table';
import { ofOrg } from '../keys';
import { useNames } from '../names';
import { PAGE_ROWS, usePages } from '../pages';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Paged } from '../parts/Paged';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import { usePeople } from '../users/people';
import { ChangeGrant } from './ChangeGrant';
import type { Grant } from './grants';

interface TableProps {
  org: string;
  filter: GrantsState;
  /** What the list is called, where a heading above says the same. */
  label?: string;
  /** Instead of a table without rows. */
  empty?: ReactNode;
}

type Doing = { what: 'change' | 'delete'; to: Grant } | null;

/** Grants, with what each gives or takes. */
export function GrantsTable({ org, filter, label, empty }: TableProps) {
  const text = useAdminText();
  const change = useChange(org);
  const people = usePeople(org);
  const [doing, setDoing] = useState<Doing>(null);
  const close = () => setDoing(null);
  const wanted = {
    ...(filter.user && { user: filter.user }),
    ...(filter.source && { source: filter.source }),
  };
  const pages = usePages(ofOrg(org, 'grants', 'list', wanted), (after, signal) =>
    ask(() =>
      api.GET('/api/v1/orgs/{org}/grants', {
        params: { path: { org }, query: { ...wanted, limit: PAGE_ROWS, ...(after && { after }) } },
        signal,
      }),
    ),
  );
  const columns = useColumns(org, setDoing);
  const name = doing ? people.nameOf(doing.to.user) : '';
  return (
    <>
      <Paged
        label={label ?? text('nav.grants')}
        pages={pages}
        columns={columns}
        keyOf={(row) => row.uid}
        empty={empty ?? <p>{text('grants.none.title')}</p>}
      />
      {doing?.what === 'change' && (
        <ChangeGrant org={org} grant={doing.to} title={`${name}: ${doing.to.path}`} onClose={close} />
      )}
      {doing?.what === 'delete' && (
        <ConfirmByName
          isOpen
          title={text('grants.delete.title', { name })}
          name={name}
          action={text('grants.delete')}
          onClose={close}
          onConfirm={() =>
            change(
              () =>
                ask(() =>
                  api.DELETE('/api/v1/orgs/{org}/grants/{grant}', {
                    params: { path: { org, grant: doing.to.uid } },
                  }),
                ),
              text('grants.deleted'),
              ['grants'],
            )
          }
        >
          {text('grants.delete.words')}
        </ConfirmByName>
      )}
    </>
  );
}

function useColumns(org: string, onDo: (doing: Doing) => void): Column<Grant>[] {
  const text = useAdminText();
  const names = useNames(org);
  const people = usePeople(org);
  const may = useMay();
  const terms = useTerms();
  const columns: Column<Grant>[] = [
    {
      id: 'user',
      head: text('grants.user'),
      cell: (row) => <Link href={toKeep.user(row.user)}>{people.nameOf(row.user)}</Link>,
    },
    { id: 'source', head: text('grants.source'), cell: (row) => names.source(row.source) ?? '–' },
    { id: 'path', head: text('grants.path'), cell: (row) => <code>{row.path}</code> },
    {
      id: 'effect',
      head: text('grants.effect'),
      cell: (row) => (
        <Status tone={row.effect === 'allow' ? 'good' : 'warn'}>{text(`grants.effect.${row.effect}`)}</Status>
      ),
    },
    {
      id: 'uses',
      head: text('grants.uses'),
      isExtra: true,
      cell: (row) => row.actions.map((use) => <Badge key={use}>{text(`grants.use.${use}`)}</Badge>),
    },
    { id: 'terms', head: text('grants.terms'), isExtra: true, cell: terms },
  ];
  if (may('change', 'grant')) {
    columns.push({
      id: 'do',
      head: text('list.actions'),
      isHeadHidden: true,
      isRight: true,
      cell: (row) => (
        <>
          <Button isSmall look="quiet" onPress={() => onDo({ what: 'change', to: row })}>
            {text('grants.change')}
          </Button>
          <Button isSmall look="quiet" onPress={() => onDo({ what: 'delete', to: row })}>
            {text('grants.delete')}
          </Button>
        </>
      ),
    });
  }
  return columns;
}

/** The limits of a grant in words; none: a dash. */
function useTerms(): (grant: Grant) => string {
  const text = useAdminText();
  const format = useFormat();
  return ({ owner, history_days, bytes_per_day, downloads }) => {
    const said = [
      owner && text('grants.owner.of', { owner }),
      history_days != null && text('grants.history.of', { n: history_days }),
      bytes_per_day != null && text('grants.bytes.of', { size: format.size(bytes_per_day) }),
      downloads != null && text('grants.downloads.of', { n: downloads }),
    ].filter((one): one is string => Boolean(one));
    return said.length > 0 ? format.list(said) : '–';
  };
}
