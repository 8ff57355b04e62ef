import { useState } from 'react';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { Empty } from '../../ui/Empty';
import { Badge, Status } from '../../ui/Status';
import type { Column } from '../../ui/Table';
import { useOrgUid } from '../console';
import { ofOrg } from '../keys';
import { PAGE_ROWS, usePages } from '../pages';
import { ConfirmByName } from '../parts/ConfirmByName';
import { ending } from '../parts/ending';
import { Page } from '../parts/Page';
import { Paged } from '../parts/Paged';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import { usePeople } from '../users/people';

type Token = Schemas['TokenBody'];

/** With what programs sign in: everybody's tokens for who runs the organization, one's own for everybody else. */
export default function Tokens() {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const change = useChange(org);
  const [ending, setEnding] = useState<Token | null>(null);
  const pages = usePages(ofOrg(org, 'tokens'), (after, signal) =>
    ask(() =>
      api.GET('/api/v1/orgs/{org}/tokens', {
        params: { path: { org }, query: { limit: PAGE_ROWS, ...(after && { after }) } },
        signal,
      }),
    ),
  );
  const columns = useColumns(org, may('delete', 'API token') ? setEnding : null);
  return (
    <Page title={text('nav.tokens')} words={text('tokens.words')}>
      <Paged
        label={text('nav.tokens')}
        pages={pages}
        columns={columns}
        keyOf={(row) => row.uid}
        empty={
          <Empty icon="key" title={text('tokens.none.title')}>
            {text('tokens.none.words')}
          </Empty>
        }
      />
      {ending && (
        <ConfirmByName
          isOpen
          title={text('tokens.end.title', { name: ending.name })}
          name={ending.name}
          action={text('tokens.end')}
          onClose={() => setEnding(null)}
          onConfirm={() =>
            change(
              () =>
                ask(() =>
                  api.DELETE('/api/v1/orgs/{org}/tokens/{token}', {
                    params: { path: { org, token: ending.uid } },
                  }),
                ),
              text('tokens.ended', { name: ending.name }),
              ['tokens'],
            )
          }
        >
          {text('tokens.end.words')}
        </ConfirmByName>
      )}
    </Page>
  );
}

function useColumns(org: string, onEnd: ((token: Token) => void) | null): Column<Token>[] {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const people = usePeople(org);
  const columns: Column<Token>[] = [
    {
      id: 'name',
      head: text('tokens.name'),
      cell: (row) => (
        <>
          {row.name} <code>{row.prefix}…</code>
        </>
      ),
    },
    { id: 'of', head: text('tokens.of'), cell: (row) => people.nameOf(row.user) },
    {
      id: 'scopes',
      head: text('tokens.scopes'),
      isExtra: true,
      cell: (row) => row.scopes.map((scope) => <Badge key={scope}>{scope}</Badge>),
    },
    {
      id: 'used',
      head: text('tokens.used'),
      isExtra: true,
      cell: (row) => (row.used_at ? format.ago(row.used_at, now) : text('time.never')),
    },
    {
      id: 'until',
      head: text('tokens.until'),
      cell: (row) =>
        new Date(row.expires_at).getTime() > now ? (
          format.date(row.expires_at)
        ) : (
          <Status tone="neutral">{text('tokens.expired', { when: format.date(row.expires_at) })}</Status>
        ),
    },
  ];
  if (onEnd) columns.push(ending(text('tokens.end'), onEnd));
  return columns;
}
