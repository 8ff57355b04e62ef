import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Badge, Status } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Part } from '../parts/Page';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import { shortId } from '../snapshots/snapshots';
import { MadeKey } from './MadeKey';
import { NewKey } from './NewKey';
import { keysQuery, type MadeRepositoryKey, type Repository, type RepositoryKey } from './repositories';

/** Which passwords open a repository, with this server or without it. */
export function KeysPart({ org, repository }: { org: string; repository: Repository }) {
  const text = useAdminText();
  const may = useMay();
  const change = useChange(org);
  const isThere = repository.restic_id !== '';
  const query = useQuery({ ...keysQuery(org, repository.uid), enabled: isThere });
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<MadeRepositoryKey | null>(null);
  const [removing, setRemoving] = useState<RepositoryKey | null>(null);
  const columns = useColumns(may('delete', 'repository') ? setRemoving : null);
  const add = isThere && may('export', 'repository') && (
    <Button icon="plus" onPress={() => setMaking(true)}>
      {text('repositoryKeys.add')}
    </Button>
  );
  const remove = ({ id }: RepositoryKey) =>
    change(
      () =>
        ask(() =>
          api.DELETE('/api/v1/orgs/{org}/repositories/{repository}/keys/{key}', {
            params: { path: { org, repository: repository.uid, key: id } },
          }),
        ),
      text('repositoryKeys.removed', { id: shortId(id) }),
      ['repository-keys'],
    );
  return (
    <Part title={text('repositories.part.keys')} end={add}>
      <p>{text('repositoryKeys.words')}</p>
      {!isThere ? (
        <p>{text('repositoryKeys.awaited')}</p>
      ) : query.data ? (
        <Table
          label={`${text('repositories.part.keys')}: ${repository.name}`}
          rows={query.data}
          columns={columns}
          keyOf={(row) => row.id}
        />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton lines={3} height={34} />
      )}
      {isMaking && (
        <NewKey
          org={org}
          repository={repository.uid}
          onMade={(key) => key.password && setMade(key)}
          onClose={() => setMaking(false)}
        />
      )}
      {made && <MadeKey made={made} location={repository.location} onClose={() => setMade(null)} />}
      {removing && (
        <ConfirmByName
          isOpen
          title={text('repositoryKeys.remove.title', { id: shortId(removing.id) })}
          name={shortId(removing.id)}
          action={text('repositoryKeys.remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() => remove(removing)}
        >
          {text('repositoryKeys.remove.words')}
        </ConfirmByName>
      )}
    </Part>
  );
}

function useColumns(onRemove: ((key: RepositoryKey) => void) | null): Column<RepositoryKey>[] {
  const text = useAdminText();
  const format = useFormat();
  const columns: Column<RepositoryKey>[] = [
    {
      id: 'user',
      head: text('repositoryKeys.user'),
      cell: (row) => (
        <>
          {row.user || text('repositoryKeys.nobody')}{' '}
          {row.is_servers && <Badge tone="good">{text('repositoryKeys.servers')}</Badge>}
          {row.fault && <Status tone="bad">{text('repositoryKeys.fault')}</Status>}
        </>
      ),
    },
    { id: 'host', head: text('repositoryKeys.host'), cell: (row) => row.host || '–' },
    {
      id: 'id',
      head: text('repositoryKeys.id'),
      isExtra: true,
      cell: (row) => <code>{shortId(row.id)}</code>,
    },
    {
      id: 'created',
      head: text('repositoryKeys.created'),
      cell: (row) => (row.created_at ? format.dateTime(row.created_at) : '–'),
    },
  ];
  if (onRemove) {
    columns.push({
      id: 'remove',
      head: text('repositoryKeys.remove'),
      isHeadHidden: true,
      isRight: true,
      // The server would refuse to remove the one it needs itself.
      cell: (row) =>
        row.is_servers ? null : (
          <Button
            isSmall
            look="quiet"
            aria-label={`${text('repositoryKeys.remove')} ${row.user || shortId(row.id)}`}
            onPress={() => onRemove(row)}
          >
            {text('repositoryKeys.remove')}
          </Button>
        ),
    });
  }
  return columns;
}
