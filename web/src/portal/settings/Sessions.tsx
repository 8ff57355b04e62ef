import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { Button } from '../../ui/Button';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Badge } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { browserOf } from './browserOf';
import { Group } from './Group';

type Session = Schemas['SessionBody'];

const KEY = ['me', 'sessions'];
const SESSIONS_MAX = 100;

/** Where one is signed in. */
export function Sessions() {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: KEY });
  const sessions = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) =>
      ask(() => api.GET('/api/v1/me/sessions', { params: { query: { limit: SESSIONS_MAX } }, signal })),
  });
  const end = useMutation({
    mutationFn: (session: string) =>
      ask(() => api.DELETE('/api/v1/me/sessions/{session}', { params: { path: { session } } })),
    onSettled: again,
  });
  const endOthers = useMutation({
    mutationFn: () => ask(() => api.DELETE('/api/v1/me/sessions')),
    onSettled: again,
  });
  const columns: Column<Session>[] = [
    {
      id: 'browser',
      head: text('sessions.browser'),
      cell: (session) => (
        <span title={session.user_agent}>
          {browserOf(session.user_agent)}{' '}
          {session.current && <Badge tone="good">{text('sessions.this')}</Badge>}
        </span>
      ),
    },
    {
      id: 'address',
      head: text('sessions.address'),
      isExtra: true,
      cell: (session) => session.address ?? '',
    },
    { id: 'seen', head: text('sessions.seen'), cell: (session) => format.ago(session.seen_at, now) },
    {
      id: 'begun',
      head: text('sessions.begun'),
      isExtra: true,
      cell: (session) => format.dateTime(session.created_at),
    },
    {
      id: 'end',
      head: text('sessions.end'),
      isHeadHidden: true,
      isRight: true,
      cell: (session) =>
        !session.current && (
          <Button isSmall onPress={() => end.mutate(session.uid)}>
            {text('sessions.end')}
          </Button>
        ),
    },
  ];
  const items = sessions.data?.items;
  return (
    <Group
      title={text('sessions.title')}
      words={text('sessions.words')}
      action={
        (items?.length ?? 0) > 1 && (
          <Button isPending={endOthers.isPending} onPress={() => endOthers.mutate()}>
            {text('sessions.endOthers')}
          </Button>
        )
      }
    >
      {sessions.error && <ErrorNotice error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {items ? (
        <Table
          label={text('sessions.title')}
          rows={items}
          columns={columns}
          keyOf={(session) => session.uid}
        />
      ) : (
        <Skeleton lines={3} height={30} />
      )}
    </Group>
  );
}
