import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useMe } from '../../api/me';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { Segments } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import { type Restore, restoresQuery } from '../data/restores';
import { useTitle } from '../Page';
import styles from './Restore.module.css';
import { RestoreStatus } from './RestoreStatus';
import { useRestoreName } from './useRestoreName';

/** What was put back, and what is being put back. */
export function Restores() {
  const text = usePortalText();
  const what = useRestoreName();
  const format = useFormat();
  const now = useNow();
  const { role } = useMe().user;
  const [whose, setWhose] = useState<'mine' | 'all'>('mine');
  const { data, error, refetch } = useQuery(restoresQuery(whose));
  useTitle(text('restores.title'));
  const columns: Column<Restore>[] = [
    {
      id: 'what',
      head: text('restores.what'),
      cell: (restore) => <Link href={to.restore(restore.uid)}>{what(restore)}</Link>,
    },
    { id: 'state', head: text('restores.state'), cell: (restore) => <RestoreStatus state={restore.state} /> },
    { id: 'to', head: text('restores.to'), isExtra: true, cell: (restore) => restore.agent.name ?? '' },
    ...(whose === 'all'
      ? [
          {
            id: 'who',
            head: text('restores.who'),
            isExtra: true,
            cell: (restore: Restore) => restore.asker.name ?? '',
          },
        ]
      : []),
    {
      id: 'when',
      head: text('restores.when'),
      isRight: true,
      cell: (restore) => format.ago(restore.created_at, now),
    },
  ];
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{text('restores.title')}</h1>
        {role !== 'user' && (
          <Segments
            label={text('restores.whose')}
            value={whose}
            onChange={setWhose}
            options={[
              { value: 'mine', label: text('restores.mine') },
              { value: 'all', label: text('restores.all') },
            ]}
          />
        )}
      </header>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={5} height={30} />}
      {data?.length === 0 && (
        <Empty icon="restore" title={text('restores.none')}>
          {text('restores.noneWords')}
        </Empty>
      )}
      {data && data.length > 0 && (
        <Table
          label={text('restores.title')}
          rows={data}
          columns={columns}
          keyOf={(restore) => restore.uid}
        />
      )}
    </div>
  );
}
