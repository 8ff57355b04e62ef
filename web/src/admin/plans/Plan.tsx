import { useQuery } from '@tanstack/react-query';
import { useAdminText } from '../../i18n/admin';
import { type PlanPart, toWatch } from '../../routes/adminWatch';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Tabs } from '../../ui/Tabs';
import { useOrgUid } from '../console';
import { Page } from '../parts/Page';
import { NextRuns } from './NextRuns';
import { PlanActions } from './PlanActions';
import { PlanFacts } from './PlanFacts';
import { PlanRuns } from './PlanRuns';
import { PlanState } from './Plans';
import { planQuery } from './plans';
import { Versions } from './Versions';
import { useScheduleWords } from './words';

const PARTS: readonly (PlanPart | undefined)[] = [undefined, 'runs', 'versions'];

/** One plan: what it says, when it runs next, what came of its runs, and what it said before. */
export default function Plan({ params }: { params: { plan: string; part?: string } }) {
  const text = useAdminText();
  const scheduleWords = useScheduleWords();
  const query = useQuery(planQuery(useOrgUid(), params.plan));
  if (query.error && !query.data) {
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <Skeleton lines={8} height={20} />;
  const { value: plan, tag } = query.data;
  const part = PARTS.find((one) => one === params.part);
  return (
    <Page
      title={plan.name}
      up={{ href: toWatch.plans(), label: text('plans.title') }}
      status={<PlanState plan={plan} />}
      words={scheduleWords(plan.spec.schedule)}
      actions={<PlanActions plan={plan} tag={tag} />}
    >
      <Tabs
        label={plan.name}
        tabs={PARTS.map((one) => ({
          href: toWatch.plan(plan.uid, one),
          label: text(`plan.part.${one ?? 'overview'}`),
          isCurrent: one === part,
        }))}
      />
      {part === 'runs' ? (
        <PlanRuns plan={plan.uid} />
      ) : part === 'versions' ? (
        <Versions plan={plan} tag={tag} />
      ) : (
        <>
          <NextRuns plan={plan} />
          <PlanFacts plan={plan} />
        </>
      )}
    </Page>
  );
}
