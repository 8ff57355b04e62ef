import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toKeep } from '../../routes/adminKeep';
import { to } from '../../routes/portal';
import { Button, LinkButton } from '../../ui/Button';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Status } from '../../ui/Status';
import { useOrgUid } from '../console';
import { useNames } from '../names';
import { Facts } from '../parts/Facts';
import { Page, Part } from '../parts/Page';
import { useMay } from '../rights';
import { HoldJob } from './HoldJob';
import { HoldsTable } from './HoldsTable';
import { NewHold } from './NewHold';
import { SnapshotTags } from './SnapshotTags';
import { type Held, holdsQuery, type Snapshot as SnapshotBody, shortId, snapshotQuery } from './snapshots';

/** One snapshot: what it is of, and what keeps it. */
export default function Snapshot({ params }: { params: { repository: string; snapshot: string } }) {
  const text = useAdminText();
  const format = useFormat();
  const may = useMay();
  const org = useOrgUid();
  const [, navigate] = useLocation();
  const [isHolding, setHolding] = useState(false);
  const [job, setJob] = useState<string | null>(null);
  const query = useQuery(snapshotQuery(org, params.repository, params.snapshot));
  const holds = useQuery(holdsQuery(org));
  const snapshot = query.data;
  if (!snapshot) {
    return query.error ? (
      <ErrorView error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton lines={8} height={24} />
    );
  }
  const own = (holds.data ?? []).filter(
    (hold) => hold.snapshot === snapshot.id && hold.repository === snapshot.repository,
  );
  // Holds lie in the snapshot itself, and its id is its hash: it has another one afterwards.
  const follow = (held: Held) => {
    setJob(held.job ?? null);
    navigate(toKeep.snapshot(snapshot.repository, held.snapshot), { replace: true });
  };

  return (
    <Page
      title={text('snapshot.title', { id: shortId(snapshot.id) })}
      status={
        own.length > 0 && (
          <Status tone="good" icon="lock">
            {text('snapshot.heldNow')}
          </Status>
        )
      }
      words={`${snapshot.host}, ${format.moment(snapshot.taken_at)}`}
      up={{ href: toKeep.snapshots(), label: text('nav.snapshots') }}
      actions={
        snapshot.source && (
          <LinkButton isOutside icon="folder" href={to.browse(snapshot.source, { at: snapshot.id })}>
            {text('snapshot.browse')}
          </LinkButton>
        )
      }
    >
      <About org={org} snapshot={snapshot} />
      <Part
        title={text('nav.holds')}
        end={
          may('create', 'hold') && (
            <Button icon="lock" onPress={() => setHolding(true)}>
              {text('holds.add')}
            </Button>
          )
        }
      >
        {job && <HoldJob org={org} job={job} />}
        {holds.error && !holds.data ? (
          <ErrorView error={holds.error} onRetry={() => void holds.refetch()} />
        ) : !holds.data ? (
          <Skeleton lines={2} height={34} />
        ) : own.length === 0 ? (
          <p>{text('holds.noneHere')}</p>
        ) : (
          <HoldsTable org={org} holds={own} isOfOneSnapshot onReleased={follow} />
        )}
      </Part>
      {isHolding && (
        <NewHold org={org} snapshot={snapshot} onHeld={follow} onClose={() => setHolding(false)} />
      )}
    </Page>
  );
}

function About({ org, snapshot }: { org: string; snapshot: SnapshotBody }) {
  const text = useAdminText();
  const format = useFormat();
  const names = useNames(org);
  const size = (bytes: number | null | undefined) => (bytes == null ? null : format.size(bytes));
  return (
    <Facts
      facts={[
        { name: text('snapshots.paths'), value: snapshot.paths.join(', ') },
        { name: text('snapshots.source'), value: names.source(snapshot.source) },
        {
          name: text('snapshots.repository'),
          value: (
            <Link href={toKeep.repository(snapshot.repository)}>
              {names.repository(snapshot.repository) ?? text('nav.repositories')}
            </Link>
          ),
        },
        {
          name: text('snapshots.tags'),
          value: snapshot.tags.length > 0 ? <SnapshotTags org={org} tags={snapshot.tags} /> : null,
        },
        {
          name: text('snapshots.files'),
          value: snapshot.files == null ? null : format.number(snapshot.files),
        },
        { name: text('snapshots.size'), value: size(snapshot.bytes) },
        { name: text('snapshots.added'), value: size(snapshot.added_bytes) },
        { name: text('snapshot.addedStored'), value: size(snapshot.added_stored_bytes) },
        { name: text('snapshot.by'), value: snapshot.username },
        { name: text('snapshot.program'), value: snapshot.program },
        {
          name: text('snapshot.parent'),
          value: snapshot.parent && (
            <Link href={toKeep.snapshot(snapshot.repository, snapshot.parent)}>
              <code>{shortId(snapshot.parent)}</code>
            </Link>
          ),
        },
        { name: text('snapshot.id'), value: <code>{snapshot.id}</code> },
      ]}
    />
  );
}
