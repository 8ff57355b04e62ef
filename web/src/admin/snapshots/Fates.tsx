import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { Segments } from '../../ui/Choice';
import { Notice, Status } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { PAGE_ROWS } from '../pages';
import { ConfirmByName } from '../parts/ConfirmByName';
import { MoreRows } from '../parts/MoreRows';
import { FilterBar, Part } from '../parts/Page';
import type { Repository } from '../repositories/repositories';
import { useStartJob } from '../repositories/useStartJob';
import { useMay } from '../rights';
import { shortId } from './snapshots';

type Fate = Schemas['FateBody'];

interface FatesProps {
  org: string;
  repository: Repository;
  wanted: Omit<Schemas['ForgetSpec'], 'repository'>;
  fates: Schemas['FatesBody'];
}

const SHOWN = {
  all: () => true,
  forgotten: (fate: Fate) => !fate.kept,
  kept: (fate: Fate) => fate.kept,
};

/** What a rule does to each snapshot, and the way to do it. */
export function Fates({ org, repository, wanted, fates }: FatesProps) {
  const text = useAdminText();
  const may = useMay();
  const [, navigate] = useLocation();
  const start = useStartJob(org);
  const [show, setShow] = useState<keyof typeof SHOWN>('all');
  const [count, setCount] = useState(PAGE_ROWS);
  const [isAsking, setAsking] = useState(false);
  const columns = useColumns();
  if (fates.items.length === 0) return <Notice tone="neutral">{text('forget.none')}</Notice>;
  const fitting = fates.items.filter(SHOWN[show]);
  const rows = fitting.slice(0, count);
  return (
    <Part
      title={text('forget.verdict')}
      end={
        may('create', 'job') &&
        may('delete', 'snapshot') &&
        fates.forgotten > 0 && (
          <Button look="danger" onPress={() => setAsking(true)}>
            {text('forget.do', { n: fates.forgotten })}
          </Button>
        )
      }
    >
      <FilterBar>
        <Segments
          label={text('forget.verdict')}
          value={show}
          onChange={setShow}
          options={[
            { value: 'all', label: text('forget.all') },
            { value: 'forgotten', label: text('forget.forgotten') },
            { value: 'kept', label: text('forget.kept') },
          ]}
        />
        <p role="status">{text('forget.counts', { kept: fates.kept, forgotten: fates.forgotten })}</p>
      </FilterBar>
      <Table label={text('forget.title')} rows={rows} columns={columns} keyOf={(row) => row.snapshot.id} />
      <MoreRows
        shown={rows.length}
        hasMore={fitting.length > count}
        isLoading={false}
        onMore={() => setCount(count + PAGE_ROWS)}
      />
      <ConfirmByName
        isOpen={isAsking}
        title={text('forget.confirm.title', { n: fates.forgotten })}
        name={repository.name}
        action={text('forget.do', { n: fates.forgotten })}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          const job = await start({ kind: 'forget', repository: repository.uid, ...wanted });
          navigate(toWatch.job(job.uid));
        }}
      >
        {text('forget.confirm.words', { name: repository.name })}
      </ConfirmByName>
    </Part>
  );
}

function useColumns(): Column<Fate>[] {
  const text = useAdminText();
  const format = useFormat();
  return [
    {
      id: 'taken',
      head: text('snapshots.taken'),
      cell: ({ snapshot }) => (
        <>
          {format.dateTime(snapshot.taken_at)} <code>{shortId(snapshot.id)}</code>
        </>
      ),
    },
    {
      id: 'verdict',
      head: text('forget.verdict'),
      cell: ({ kept, held }) =>
        held ? (
          <Status tone="good" icon="lock">
            {text('snapshot.heldNow')}
          </Status>
        ) : (
          <Status tone={kept ? 'good' : 'bad'} icon={kept ? 'done' : 'trash'}>
            {text(kept ? 'forget.kept' : 'forget.forgotten')}
          </Status>
        ),
    },
    // restic's own words, which are English.
    {
      id: 'reasons',
      head: text('forget.reasons'),
      cell: ({ reasons }) => <span lang="en">{reasons.join(', ')}</span>,
    },
    { id: 'host', head: text('snapshots.host'), isExtra: true, cell: ({ snapshot }) => snapshot.host },
    {
      id: 'paths',
      head: text('snapshots.paths'),
      isExtra: true,
      cell: ({ snapshot }) => snapshot.paths.join(', '),
    },
  ];
}
