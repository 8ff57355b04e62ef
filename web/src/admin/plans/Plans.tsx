import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Status } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { plansQuery, useNames } from '../names';
import { Page } from '../parts/Page';
import { useMay } from '../rights';
import type { Plan } from './plans';
import { plansByEvent, TellEvent } from './TellEvent';
import { useRetentionWords, useScheduleWords } from './words';

/** All plans, in words. */
export default function Plans() {
  const text = useAdminText();
  const may = useMay();
  const plans = useQuery(plansQuery(useOrgUid()));
  const create = may('create', 'plan') && (
    <LinkButton look="primary" icon="plus" href={toWatch.newPlan()}>
      {text('plans.new')}
    </LinkButton>
  );
  const [isTelling, setTelling] = useState(false);
  const hasEvents = may('run', 'plan') && plansByEvent(plans.data ?? []).size > 0;
  const actions = (
    <>
      {hasEvents && <Button onPress={() => setTelling(true)}>{text('plans.event')}</Button>}
      {create}
    </>
  );
  if (plans.error && !plans.data) {
    return <ErrorView error={plans.error} onRetry={() => void plans.refetch()} />;
  }
  return (
    <Page title={text('plans.title')} words={text('plans.words')} actions={actions}>
      {!plans.data ? (
        <Skeleton lines={6} height={22} />
      ) : plans.data.length === 0 ? (
        <Empty icon="calendar" title={text('plans.none')} actions={create}>
          {text('plans.none.words')}
        </Empty>
      ) : (
        <PlansTable plans={plans.data} />
      )}
      {isTelling && <TellEvent plans={plans.data ?? []} onClose={() => setTelling(false)} />}
    </Page>
  );
}

function PlansTable({ plans }: { plans: readonly Plan[] }) {
  const text = useAdminText();
  const format = useFormat();
  const names = useNames(useOrgUid());
  const scheduleWords = useScheduleWords();
  const retentionWords = useRetentionWords();
  const columns: Column<Plan>[] = [
    {
      id: 'name',
      head: text('plans.name'),
      cell: ({ uid, name }) => <Link href={toWatch.plan(uid)}>{name}</Link>,
    },
    { id: 'state', head: text('plans.state'), cell: (plan) => <PlanState plan={plan} /> },
    {
      id: 'sources',
      head: text('plans.sources'),
      isRight: true,
      isExtra: true,
      cell: ({ spec }) => format.number(spec.sources.length),
    },
    {
      id: 'repositories',
      head: text('plans.repositories'),
      isExtra: true,
      cell: ({ spec }) => spec.repositories.map((uid) => names.repository(uid) ?? '…').join(' → '),
    },
    { id: 'when', head: text('plans.when'), cell: ({ spec }) => scheduleWords(spec.schedule) },
    {
      id: 'keeps',
      head: text('plans.keeps'),
      isExtra: true,
      cell: ({ spec }) => retentionWords(spec.retention),
    },
  ];
  return <Table label={text('plans.title')} rows={plans} columns={columns} keyOf={({ uid }) => uid} />;
}

/** Whether a plan runs by itself. */
export function PlanState({ plan }: { plan: Pick<Plan, 'enabled' | 'spec'> }) {
  const text = useAdminText();
  if (!plan.enabled) {
    return (
      <Status tone="warn" icon="pause">
        {text('plans.off')}
      </Status>
    );
  }
  return plan.spec.schedule ? (
    <Status tone="good">{text('plans.on')}</Status>
  ) : (
    <Status tone="neutral">{text('plans.manual')}</Status>
  );
}
