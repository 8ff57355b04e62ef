import { useState } from 'react';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { type Column, Table } from '../../ui/Table';
import { useEndToken } from './tokens';

type Token = Schemas['TokenBody'];

export function TokenList({ label, tokens }: { label: string; tokens: readonly Token[] }) {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const end = useEndToken();
  const [ending, setEnding] = useState<Token | null>(null);
  if (tokens.length === 0) return null;
  const columns: Column<Token>[] = [
    { id: 'name', head: text('tokens.name'), cell: (token) => token.name },
    {
      id: 'prefix',
      head: text('tokens.prefix'),
      isExtra: true,
      cell: (token) => <code>{token.prefix}…</code>,
    },
    {
      id: 'used',
      head: text('tokens.used'),
      isExtra: true,
      cell: (token) => (token.used_at ? format.ago(token.used_at, now) : text('tokens.neverUsed')),
    },
    { id: 'expires', head: text('tokens.expires'), cell: (token) => format.date(token.expires_at) },
    {
      id: 'end',
      head: text('tokens.end'),
      isHeadHidden: true,
      isRight: true,
      cell: (token) => (
        <Button isSmall onPress={() => setEnding(token)}>
          {text('tokens.end')}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Table label={label} rows={tokens} columns={columns} keyOf={(token) => token.uid} />
      <Dialog
        title={text('tokens.endTitle', { name: ending?.name ?? '' })}
        isOpen={ending !== null}
        onClose={() => setEnding(null)}
        actions={
          <>
            <Button onPress={() => setEnding(null)}>{text('action.cancel')}</Button>
            <Button
              look="danger"
              onPress={() => {
                if (ending) end.mutate(ending.uid);
                setEnding(null);
              }}
            >
              {text('tokens.end')}
            </Button>
          </>
        }
      >
        <p>{text('tokens.endWords')}</p>
      </Dialog>
    </>
  );
}
