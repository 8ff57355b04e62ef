import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { Button } from '../../ui/Button';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { Part } from '../parts/Page';
import { useDo } from '../parts/useDo';
import { useMay } from '../rights';
import { enrolmentTokensQuery } from './agents';

type Token = Schemas['EnrolmentTokenBody'];

/** Tokens that somebody may still use. */
export function OpenTokens() {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const org = useOrgUid();
  const may = useMay();
  const act = useDo(org);
  const { data } = useQuery(enrolmentTokensQuery(org));
  if (!data) return null;
  const open = data.filter(
    ({ used_at, revoked_at, expires_at }) => !used_at && !revoked_at && new Date(expires_at).getTime() > now,
  );
  const withdraw = (token: string) => {
    const params = { path: { org, token } };
    const send = () => ask(() => api.DELETE('/api/v1/orgs/{org}/enrolment-tokens/{token}', { params }));
    return act(send, text('enrol.tokens.withdrawn'), ['enrolment-tokens']);
  };
  const columns: Column<Token>[] = [
    { id: 'note', head: text('enrol.note'), cell: ({ note }) => note || text('enrol.tokens.unnamed') },
    {
      id: 'until',
      head: text('enrol.tokens.until'),
      cell: ({ expires_at }) => format.dateTime(expires_at),
    },
    {
      id: 'do',
      head: text('enrol.tokens.withdraw'),
      isHeadHidden: true,
      isRight: true,
      cell: ({ uid, note }) =>
        may('delete', 'enrolment token') && (
          <Button
            isSmall
            look="danger"
            aria-label={`${text('enrol.tokens.withdraw')}: ${note || text('enrol.tokens.unnamed')}`}
            onPress={() => void withdraw(uid)}
          >
            {text('enrol.tokens.withdraw')}
          </Button>
        ),
    },
  ];
  return (
    <Part title={text('enrol.tokens')}>
      {open.length === 0 ? (
        <p>{text('enrol.tokens.none')}</p>
      ) : (
        <Table label={text('enrol.tokens')} rows={open} columns={columns} keyOf={({ uid }) => uid} />
      )}
    </Part>
  );
}
