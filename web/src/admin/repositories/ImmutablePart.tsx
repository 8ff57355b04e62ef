import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toKeep } from '../../routes/adminKeep';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { Part } from '../parts/Page';
import { useMay } from '../rights';
import { HoldJob } from '../snapshots/HoldJob';
import { HoldsTable } from '../snapshots/HoldsTable';
import { holdsQuery } from '../snapshots/snapshots';
import { immutableQuery, type Kept, type Repository } from './repositories';

interface PartProps {
  org: string;
  repository: Repository;
}

/** What of a repository nobody removes: files that its storage locks, and snapshots that people hold. */
export function ImmutablePart({ org, repository }: PartProps) {
  const may = useMay();
  return (
    <>
      <Locked org={org} repository={repository} />
      {may('see', 'hold') && <Held org={org} repository={repository} />}
    </>
  );
}

function Locked({ org, repository }: PartProps) {
  const text = useAdminText();
  // It is one request to the storage for each file: not without being asked.
  const [isAsked, setAsked] = useState(false);
  const query = useQuery({ ...immutableQuery(org, repository.uid), enabled: isAsked });
  const isLocking = repository.worm_days != null;
  const look = isLocking && (
    <Button
      icon="refresh"
      isPending={query.isFetching}
      onPress={() => (isAsked ? void query.refetch() : setAsked(true))}
    >
      {text('immutable.look')}
    </Button>
  );
  return (
    <Part title={text('immutable.locked')} end={look}>
      <p>
        {isLocking
          ? text('repository.worm.days', { n: repository.worm_days ?? 0 })
          : text('repository.worm.none')}
      </p>
      {query.data ? (
        <Counts repository={repository} kinds={query.data.kinds} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        query.isFetching && <Skeleton lines={6} height={34} />
      )}
    </Part>
  );
}

function Counts({ repository, kinds }: { repository: Repository; kinds: readonly Kept[] }) {
  const text = useAdminText();
  const format = useFormat();
  if (kinds.length === 0) return <Notice tone="warn">{text('immutable.inVain')}</Notice>;
  const isOpen = kinds.some((kind) => kind.kind !== 'locks' && kind.over + kind.unprotected > 0);
  const count = (id: string, head: string, of: (kind: Kept) => number): Column<Kept> => ({
    id,
    head,
    isRight: true,
    cell: (row) => format.number(of(row)),
  });
  const end = (when: string | null | undefined) => (when ? format.dateTime(when) : '–');
  const columns: Column<Kept>[] = [
    { id: 'kind', head: text('immutable.kind'), cell: (row) => text(`immutable.kind.${kindOf(row)}`) },
    count('files', text('immutable.files'), (row) => row.files),
    count('locked', text('immutable.lockedFiles'), (row) => row.compliance + row.governance),
    count('free', text('immutable.free'), (row) => row.over + row.unprotected),
    count('held', text('immutable.legalHold'), (row) => row.legal_hold),
    { id: 'first', head: text('immutable.first'), cell: (row) => end(row.first_end) },
    { id: 'last', head: text('immutable.last'), isExtra: true, cell: (row) => end(row.last_end) },
  ];
  return (
    <>
      {isOpen && <Notice tone="warn">{text('immutable.open')}</Notice>}
      <Table
        label={`${text('immutable.locked')}: ${repository.name}`}
        rows={kinds}
        columns={columns}
        keyOf={(row) => row.kind}
      />
    </>
  );
}

const KINDS = ['config', 'keys', 'snapshots', 'index', 'data', 'locks'] as const;

const kindOf = (kept: Kept): (typeof KINDS)[number] => KINDS.find((kind) => kind === kept.kind) ?? 'data';

function Held({ org, repository }: PartProps) {
  const text = useAdminText();
  const now = useNow();
  const query = useQuery(holdsQuery(org));
  const [job, setJob] = useState<string | null>(null);
  const isLocking = repository.worm_days != null;
  const holds = query.data?.filter((hold) => hold.repository === repository.uid);
  const holding = holds?.filter(({ until }) => !until || Date.parse(until) > now) ?? [];
  const held = new Set(holding.map(({ snapshot }) => snapshot)).size;
  const snapshots = (
    <LinkButton icon="history" href={toKeep.snapshots({ repository: repository.uid })}>
      {text('immutable.hold')}
    </LinkButton>
  );
  return (
    <Part title={text('nav.holds')} end={snapshots}>
      <p>
        {text('holds.words')} {isLocking && text('immutable.heldLocked')}
      </p>
      {job && <HoldJob org={org} job={job} />}
      {held > 0 && (
        <p>
          <Link href={toKeep.snapshots({ repository: repository.uid, held: 'yes' })}>
            {text('immutable.held', { n: held })}
          </Link>
          {isLocking && (
            <>
              {' · '}
              <Link href={toWatch.jobs({ repository: repository.uid, kind: 'legal_hold' })}>
                {text('immutable.holdJobs')}
              </Link>
            </>
          )}
        </p>
      )}
      {holds ? (
        holds.length > 0 ? (
          <HoldsTable org={org} holds={holds} onReleased={(released) => setJob(released.job ?? null)} />
        ) : (
          <p>{text('immutable.noHolds')}</p>
        )
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton lines={2} height={34} />
      )}
    </Part>
  );
}
