import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toKeep } from '../../routes/adminKeep';
import { LinkButton } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Badge } from '../../ui/Status';
import type { Column } from '../../ui/Table';
import { useOrgUid } from '../console';
import { ofOrg } from '../keys';
import { PAGE_ROWS, usePages } from '../pages';
import { Page } from '../parts/Page';
import { Paged } from '../parts/Paged';
import { useMay } from '../rights';
import { RepositoryState } from './RepositoryState';
import { Room } from './Room';
import { classOf, type Repository } from './repositories';

/** Where the snapshots are kept. */
export default function Repositories() {
  const text = useAdminText();
  const may = useMay();
  const org = useOrgUid();
  const pages = usePages(ofOrg(org, 'repositories', 'list'), (after, signal) =>
    ask(() =>
      api.GET('/api/v1/orgs/{org}/repositories', {
        params: { path: { org }, query: { limit: PAGE_ROWS, ...(after && { after }) } },
        signal,
      }),
    ),
  );
  const add = may('create', 'repository') && (
    <LinkButton look="primary" icon="plus" href={toKeep.newRepository()}>
      {text('repositories.add')}
    </LinkButton>
  );
  return (
    <Page title={text('nav.repositories')} words={text('repositories.words')} actions={add}>
      <Paged
        label={text('nav.repositories')}
        pages={pages}
        columns={useColumns()}
        keyOf={(row) => row.uid}
        empty={
          <Empty icon="database" title={text('repositories.none.title')} actions={add}>
            {text('repositories.none.words')}
          </Empty>
        }
      />
    </Page>
  );
}

function useColumns(): Column<Repository>[] {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  return [
    {
      id: 'name',
      head: text('repositories.name'),
      cell: (row) => <Link href={toKeep.repository(row.uid)}>{row.name}</Link>,
    },
    { id: 'state', head: text('repositories.state'), cell: (row) => <RepositoryState repository={row} /> },
    {
      id: 'stored',
      head: text('repositories.stored'),
      cell: (row) => <Room repository={row} />,
    },
    {
      id: 'kept',
      head: text('repositories.kept'),
      isExtra: true,
      cell: (row) => (
        <>
          <Badge>{text(`repositories.class.${classOf(row)}`)}</Badge>{' '}
          {row.worm_days != null && (
            <Badge tone="good">{text('repositories.wormDays', { n: row.worm_days })}</Badge>
          )}
        </>
      ),
    },
    {
      id: 'location',
      head: text('repositories.location'),
      isExtra: true,
      cell: (row) => <code>{row.location}</code>,
    },
    {
      id: 'checked',
      head: text('repositories.checked'),
      isExtra: true,
      cell: (row) => (row.checked_at ? format.ago(row.checked_at, now) : text('time.never')),
    },
  ];
}
