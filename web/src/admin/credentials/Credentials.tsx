import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toKeep } from '../../routes/adminKeep';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import type { Column } from '../../ui/Table';
import { useOrgUid } from '../console';
import { repositoriesQuery } from '../names';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Page } from '../parts/Page';
import { useChange } from '../parts/useChange';
import { Whole } from '../parts/Whole';
import { useMay } from '../rights';
import { CredentialDialog } from './CredentialDialog';
import { credentialsQuery, type StorageCredential } from './credentials';
import { KINDS } from './secret';

type Doing = { what: 'replace' | 'delete'; to: StorageCredential } | { what: 'add' } | null;

/** What opens storage elsewhere. */
export default function Credentials() {
  const text = useAdminText();
  const may = useMay();
  const org = useOrgUid();
  const change = useChange(org);
  const query = useQuery(credentialsQuery(org));
  const [doing, setDoing] = useState<Doing>(null);
  const close = () => setDoing(null);
  const columns = useColumns(org, setDoing);
  const add = may('create', 'storage credential') && (
    <Button look="primary" icon="plus" onPress={() => setDoing({ what: 'add' })}>
      {text('credentials.add')}
    </Button>
  );
  return (
    <Page title={text('nav.credentials')} words={text('credentials.words')} actions={add}>
      <Whole
        label={text('nav.credentials')}
        query={query}
        columns={columns}
        keyOf={(row) => row.uid}
        empty={
          <Empty icon="key" title={text('credentials.none.title')} actions={add}>
            {text('credentials.none.words')}
          </Empty>
        }
      />
      {doing?.what === 'add' && <CredentialDialog org={org} onClose={close} />}
      {doing?.what === 'replace' && <CredentialDialog org={org} replaced={doing.to} onClose={close} />}
      {doing?.what === 'delete' && (
        <ConfirmByName
          isOpen
          title={text('credentials.delete.title', { name: doing.to.name })}
          name={doing.to.name}
          action={text('credentials.delete')}
          onClose={close}
          onConfirm={() =>
            change(
              () =>
                ask(() =>
                  api.DELETE('/api/v1/orgs/{org}/storage-credentials/{credential}', {
                    params: { path: { org, credential: doing.to.uid } },
                  }),
                ),
              text('credentials.deleted', { name: doing.to.name }),
              ['storage-credentials'],
            )
          }
        >
          {text('credentials.delete.words')}
        </ConfirmByName>
      )}
    </Page>
  );
}

function useColumns(org: string, onDo: (doing: Doing) => void): Column<StorageCredential>[] {
  const text = useAdminText();
  const format = useFormat();
  const may = useMay();
  const repositories = useQuery(repositoriesQuery(org)).data ?? [];
  const columns: Column<StorageCredential>[] = [
    { id: 'name', head: text('credentials.name'), cell: (row) => row.name },
    {
      id: 'kind',
      head: text('credentials.kind'),
      cell: (row) => {
        const kind = KINDS.find((one) => one === row.kind);
        return kind ? text(`credentials.kind.${kind}`) : row.kind;
      },
    },
    {
      id: 'public',
      head: text('credentials.public'),
      isExtra: true,
      cell: (row) => <code>{publicOf(row)}</code>,
    },
    {
      id: 'used',
      head: text('credentials.used'),
      cell: (row) =>
        repositories
          .filter((one) => one.credential === row.uid)
          .map((one, index) => (
            <span key={one.uid}>
              {index > 0 && ', '}
              <Link href={toKeep.repository(one.uid)}>{one.name}</Link>
            </span>
          )),
    },
    {
      id: 'created',
      head: text('repository.created'),
      isExtra: true,
      cell: (row) => format.date(row.created_at),
    },
  ];
  if (may('change', 'storage credential')) {
    columns.push({
      id: 'do',
      head: text('list.actions'),
      isHeadHidden: true,
      isRight: true,
      cell: (row) => (
        <>
          <Button isSmall look="quiet" onPress={() => onDo({ what: 'replace', to: row })}>
            {text('credentials.replace')}
          </Button>
          <Button isSmall look="quiet" onPress={() => onDo({ what: 'delete', to: row })}>
            {text('credentials.delete')}
          </Button>
        </>
      ),
    });
  }
  return columns;
}

/** Known hosts are pages of keys: they are no word about a credential. */
const WORD_MAX = 60;

/** The server says of each kind what is no secret, as an object of plain values. */
function publicOf(credential: StorageCredential): string {
  const told: unknown = credential.public;
  if (typeof told !== 'object' || told === null) return '';
  return Object.entries(told)
    .filter(([, value]) => typeof value === 'string' && value.length <= WORD_MAX)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}
