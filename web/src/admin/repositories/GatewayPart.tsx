import { useState } from 'react';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { Button } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Empty } from '../../ui/Empty';
import { Badge, Status } from '../../ui/Status';
import type { Column } from '../../ui/Table';
import { useConsole } from '../console';
import { ofOrg } from '../keys';
import { useNames } from '../names';
import { PAGE_ROWS, usePages } from '../pages';
import { ConfirmByName } from '../parts/ConfirmByName';
import { ending } from '../parts/ending';
import { Part } from '../parts/Page';
import { Paged } from '../parts/Paged';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import { MadeCredential, resticLocation } from './MadeCredential';
import { ACCESSES, NewGatewayCredential } from './NewGatewayCredential';
import type { GatewayCredential, Repository } from './repositories';

/** Who comes to a repository through the server, with stock restic. */
export function GatewayPart({ org, repository }: { org: string; repository: Repository }) {
  const text = useAdminText();
  const may = useMay();
  const change = useChange(org);
  const about = useConsole();
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas['MadeGatewayCredentialBody'] | null>(null);
  const [ending, setEnding] = useState<GatewayCredential | null>(null);
  const path = { org, repository: repository.uid };
  const pages = usePages(ofOrg(org, 'gateway-credentials', repository.uid), (after, signal) =>
    ask(() =>
      api.GET('/api/v1/orgs/{org}/repositories/{repository}/gateway-credentials', {
        params: { path, query: { limit: PAGE_ROWS, ...(after && { after }) } },
        signal,
      }),
    ),
  );
  const columns = useColumns(org, may('delete', 'gateway credential') ? setEnding : null);
  const add = may('create', 'gateway credential') && (
    <Button icon="plus" onPress={() => setMaking(true)}>
      {text('gateway.add')}
    </Button>
  );
  return (
    <Part title={text('repositories.part.access')} end={add}>
      <p>{text('gateway.words')}</p>
      {about.org && (
        <CopyLine
          label={text('gateway.command')}
          value={resticLocation(`/restic/${about.org.name}/${repository.name}/`)}
        />
      )}
      <Paged
        label={`${text('repositories.part.access')}: ${repository.name}`}
        pages={pages}
        columns={columns}
        keyOf={(row) => row.uid}
        empty={
          <Empty icon="key" title={text('gateway.none.title')}>
            {text('gateway.none.words')}
          </Empty>
        }
      />
      {isMaking && (
        <NewGatewayCredential
          org={org}
          repository={repository.uid}
          onMade={setMade}
          onClose={() => setMaking(false)}
        />
      )}
      {made && <MadeCredential made={made} onClose={() => setMade(null)} />}
      {ending && (
        <ConfirmByName
          isOpen
          title={text('gateway.end.title', { name: ending.name })}
          name={ending.name}
          action={text('gateway.end')}
          onClose={() => setEnding(null)}
          onConfirm={() =>
            change(
              () =>
                ask(() =>
                  api.DELETE(
                    '/api/v1/orgs/{org}/repositories/{repository}/gateway-credentials/{credential}',
                    { params: { path: { ...path, credential: ending.uid } } },
                  ),
                ),
              text('gateway.ended', { name: ending.name }),
              ['gateway-credentials'],
            )
          }
        >
          {text('gateway.end.words')}
        </ConfirmByName>
      )}
    </Part>
  );
}

function useColumns(
  org: string,
  onEnd: ((credential: GatewayCredential) => void) | null,
): Column<GatewayCredential>[] {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const names = useNames(org);
  const columns: Column<GatewayCredential>[] = [
    {
      id: 'name',
      head: text('gateway.name'),
      cell: (row) => (
        <>
          {row.name} {row.agent && <Badge>{names.agent(row.agent) ?? text('gateway.for.agent')}</Badge>}
          {row.user && <Badge>{text('gateway.for.user')}</Badge>}
        </>
      ),
    },
    {
      id: 'username',
      head: text('gateway.username'),
      isExtra: true,
      cell: (row) => <code>{row.username}</code>,
    },
    {
      id: 'access',
      head: text('gateway.access'),
      cell: (row) => {
        const access = ACCESSES.find((one) => one === row.access);
        return (
          <Badge tone={access === 'full' ? 'warn' : 'neutral'}>
            {access ? text(`gateway.access.${access}`) : row.access}
          </Badge>
        );
      },
    },
    {
      id: 'used',
      head: text('gateway.used'),
      isExtra: true,
      cell: (row) => (row.last_used_at ? format.ago(row.last_used_at, now) : text('time.never')),
    },
    {
      id: 'expires',
      head: text('gateway.expires'),
      isExtra: true,
      cell: (row) => {
        if (!row.expires_at) return '–';
        if (new Date(row.expires_at).getTime() > now) return format.date(row.expires_at);
        return <Status tone="warn">{text('gateway.expired', { when: format.date(row.expires_at) })}</Status>;
      },
    },
  ];
  if (onEnd) columns.push(ending(text('gateway.end'), onEnd));
  return columns;
}
