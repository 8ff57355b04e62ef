import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { toKeep } from '../../routes/adminKeep';
import { LinkButton } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import { Page } from '../parts/Page';
import { HoldJob } from './HoldJob';
import { HoldsTable } from './HoldsTable';
import { holdsQuery } from './snapshots';

/** Everything that is held in the organization. */
export default function Holds() {
  const text = useAdminText();
  const org = useOrgUid();
  const query = useQuery(holdsQuery(org));
  const [job, setJob] = useState<string | null>(null);
  return (
    <Page title={text('nav.holds')} words={text('holds.words')}>
      {job && <HoldJob org={org} job={job} />}
      {!query.data ? (
        query.error ? (
          <ErrorView error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={4} height={34} />
        )
      ) : query.data.length === 0 ? (
        <Empty
          icon="lock"
          title={text('holds.none.title')}
          actions={<LinkButton href={toKeep.snapshots()}>{text('nav.snapshots')}</LinkButton>}
        >
          {text('holds.none.words')}
        </Empty>
      ) : (
        <HoldsTable org={org} holds={query.data} onReleased={(released) => setJob(released.job ?? null)} />
      )}
    </Page>
  );
}
