import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { Button } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import type { Column } from '../../ui/Table';
import { useTell } from '../../ui/Toast';
import { ofOrg } from '../keys';
import { PAGE_ROWS, usePages } from '../pages';
import { Part } from '../parts/Page';
import { Paged } from '../parts/Paged';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import type { Person } from './people';

type Session = Schemas['SessionBody'];

/** Where somebody is signed in. Ending a session destroys nothing: they sign in again. */
export function SessionsPart({ org, person }: { org: string; person: Person }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const may = useMay();
  const tell = useTell();
  const errorText = useErrorText();
  const change = useChange(org);
  const path = { org, user: person.uid };
  const pages = usePages(ofOrg(org, 'sessions', person.uid), (after, signal) =>
    ask(() =>
      api.GET('/api/v1/orgs/{org}/users/{user}/sessions', {
        params: { path, query: { limit: PAGE_ROWS, ...(after && { after }) } },
        signal,
      }),
    ),
  );
  const mayEnd = may('delete', 'session');
  const told = (what: Promise<unknown>) => void what.catch((error) => tell('bad', errorText(error)));
  const end = (session: Session) =>
    told(
      change(
        () =>
          ask(() =>
            api.DELETE('/api/v1/orgs/{org}/users/{user}/sessions/{session}', {
              params: { path: { ...path, session: session.uid } },
            }),
          ),
        text('user.session.ended'),
        ['sessions'],
      ),
    );
  const endAll = async () => {
    const ended = await ask(() =>
      api.DELETE('/api/v1/orgs/{org}/users/{user}/sessions', { params: { path } }),
    );
    tell('good', text('user.session.allEnded', { n: ended.ended }));
    pages.again();
  };
  const columns: Column<Session>[] = [
    { id: 'agent', head: text('user.session.agent'), cell: (row) => row.user_agent },
    { id: 'address', head: text('user.session.address'), cell: (row) => row.address ?? '–' },
    { id: 'seen', head: text('user.session.seen'), cell: (row) => format.ago(row.seen_at, now) },
    {
      id: 'until',
      head: text('user.session.until'),
      isExtra: true,
      cell: (row) => format.dateTime(row.expires_at),
    },
  ];
  if (mayEnd) {
    columns.push({
      id: 'end',
      head: text('user.session.end'),
      isHeadHidden: true,
      isRight: true,
      cell: (row) => (
        <Button isSmall look="quiet" onPress={() => end(row)}>
          {text('user.session.end')}
        </Button>
      ),
    });
  }
  return (
    <Part
      title={text('user.sessions')}
      end={
        mayEnd &&
        (pages.rows?.length ?? 0) > 0 && (
          <Button isSmall icon="sign-out" onPress={() => told(endAll())}>
            {text('user.session.endAll')}
          </Button>
        )
      }
    >
      <Paged
        label={`${text('user.sessions')}: ${person.name}`}
        pages={pages}
        columns={columns}
        keyOf={(row) => row.uid}
        empty={<p>{text('user.sessions.none', { name: person.name })}</p>}
      />
    </Part>
  );
}
