import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { api, ask, type Tagged } from '../../../api/client';
import { useAdminText } from '../../../i18n/admin';
import { useFormat } from '../../../i18n/format';
import { toWatch } from '../../../routes/adminWatch';
import { ErrorView } from '../../../ui/ErrorView';
import { Skeleton } from '../../../ui/Skeleton';
import { useOrgUid } from '../../console';
import { Page } from '../../parts/Page';
import { useDone } from '../../parts/useDo';
import { useMay } from '../../rights';
import { type Plan, type PlanSpec, planQuery } from '../plans';
import { draftOfPlan } from './draft';
import { Wizard } from './Wizard';

export default function ChangePlan({ params }: { params: { plan: string } }) {
  const may = useMay();
  const query = useQuery(planQuery(useOrgUid(), params.plan));
  if (!may('change', 'plan')) return <Redirect href={toWatch.plan(params.plan)} replace />;
  if (query.error && !query.data) {
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  }
  return query.data ? <Changing found={query.data} /> : <Skeleton lines={8} height={20} />;
}

/** The plan as it was found: if somebody else changes it meanwhile, the server refuses, and nothing is lost. */
function Changing({ found }: { found: Tagged<Plan> }) {
  const text = useAdminText();
  const org = useOrgUid();
  const { zone } = useFormat();
  const [, navigate] = useLocation();
  const done = useDone(org);
  const [{ value: plan, tag }] = useState(found);
  const [draft] = useState(() => draftOfPlan(plan, zone));
  const back = toWatch.plan(plan.uid);

  const save = async (body: { name: string; enabled: boolean; spec: PlanSpec }) => {
    const params = { path: { org, plan: plan.uid }, header: { 'If-Match': tag } };
    await ask(() => api.PUT('/api/v1/orgs/{org}/plans/{plan}', { params, body }));
    navigate(back);
    await done(text('wizard.saved'), ['plans', 'protection']);
  };
  return (
    <Page title={text('wizard.change', { name: plan.name })} up={{ href: back, label: plan.name }}>
      <Wizard draft={draft} was={plan.spec} own={plan.uid} verb={text('action.save')} onSave={save} />
    </Page>
  );
}
