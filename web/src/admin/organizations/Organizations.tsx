import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { consoleOf } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import { orgsQuery } from '../orgs';
import { Page } from '../parts/Page';
import { OrgDialog } from './OrgDialog';
import { useQuotaWords } from './useQuotaWords';

type Org = Schemas['OrgBody'];

/** All organizations of the installation. */
export default function Organizations() {
  const text = useAdminText();
  const format = useFormat();
  const quota = useQuotaWords();
  const query = useQuery(orgsQuery);
  const [doing, setDoing] = useState<{ changed?: Org } | null>(null);
  const add = (
    <Button look="primary" icon="plus" onPress={() => setDoing({})}>
      {text('orgs.add')}
    </Button>
  );
  const columns: Column<Org>[] = [
    {
      id: 'title',
      head: text('orgs.title'),
      cell: (row) => <Link href={consoleOf(row.name)}>{row.title}</Link>,
    },
    { id: 'name', head: text('orgs.name'), isExtra: true, cell: (row) => <code>{row.name}</code> },
    { id: 'quota', head: text('orgs.quota'), cell: (row) => quota(row.quota) },
    { id: 'created', head: text('orgs.created'), isExtra: true, cell: (row) => format.date(row.created_at) },
    {
      id: 'do',
      head: text('list.actions'),
      isHeadHidden: true,
      isRight: true,
      cell: (row) => (
        <Button
          isSmall
          look="quiet"
          aria-label={`${text('orgs.change')} ${row.title}`}
          onPress={() => setDoing({ changed: row })}
        >
          {text('orgs.change')}
        </Button>
      ),
    },
  ];
  return (
    <Page title={text('nav.orgs')} words={text('orgs.words')} actions={add}>
      {!query.data ? (
        query.error ? (
          <ErrorView error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={4} height={34} />
        )
      ) : query.data.length === 0 ? (
        <Empty icon="server" title={text('orgs.none.title')} actions={add}>
          {text('orgs.none.words')}
        </Empty>
      ) : (
        <Table label={text('nav.orgs')} rows={query.data} columns={columns} keyOf={(row) => row.uid} />
      )}
      {doing && <OrgDialog {...doing} onClose={() => setDoing(null)} />}
    </Page>
  );
}
