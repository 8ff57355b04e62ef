import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { useOrgUid } from '../console';
import { sourcesQuery, useNames } from '../names';
import { Facts } from '../parts/Facts';
import type { Plan } from './plans';
import { useDepthWords, useRetentionWords, useScheduleWords } from './words';

/** What a plan says, all of it that is not as by default. */
export function PlanFacts({ plan }: { plan: Plan }) {
  const text = useAdminText();
  const format = useFormat();
  const names = useNames(useOrgUid());
  const scheduleWords = useScheduleWords();
  const retentionWords = useRetentionWords();
  const depthWords = useDepthWords();
  const { spec } = plan;
  const excludes = [...(spec.capture?.exclude ?? []), ...(spec.capture?.iexclude ?? [])];
  return (
    <Facts
      facts={[
        { name: text('plans.sources'), value: <SourceLinks uids={spec.sources} /> },
        {
          name: text('plans.repositories'),
          value: spec.repositories.map((uid) => names.repository(uid) ?? '…').join(' → '),
        },
        {
          name: text('plan.mode'),
          value: spec.repositories.length > 1 && text(`plan.mode.${spec.repository_mode ?? 'sequential'}`),
        },
        { name: text('plans.keeps'), value: retentionWords(spec.retention) },
        { name: text('plan.prune'), value: spec.prune && scheduleWords(spec.prune) },
        {
          name: text('plan.verify'),
          value: spec.verify && `${scheduleWords(spec.verify.schedule)} ${depthWords(spec.verify.depth)}`,
        },
        { name: text('plan.left'), value: excludes.length > 0 && <code>{excludes.join('  ')}</code> },
        {
          name: text('plan.hooks'),
          value: spec.hooks && spec.hooks.length > 0 && (
            <code>{spec.hooks.map(({ command }) => command.join(' ')).join('\n')}</code>
          ),
        },
        {
          name: text('plan.after'),
          value:
            spec.after &&
            spec.after.length > 0 &&
            format.list(spec.after.map((one) => names.plan(one.plan) ?? '…')),
        },
        {
          name: text('plan.events'),
          value: spec.events && spec.events.length > 0 && format.list(spec.events),
        },
        {
          name: text('plan.changedAt'),
          value: `${format.dateTime(plan.changed_at)} · ${text('plan.version', { n: plan.version })}`,
        },
      ].map((fact) => (fact.value ? fact : { ...fact, value: null }))}
    />
  );
}

/** Sources, each leading to its machine. */
function SourceLinks({ uids }: { uids: readonly string[] }) {
  const sources = useQuery(sourcesQuery(useOrgUid())).data ?? [];
  return (
    <ul>
      {uids.map((uid) => {
        const source = sources.find((one) => one.uid === uid);
        return (
          <li key={uid}>{source ? <Link href={toWatch.agent(source.agent)}>{source.name}</Link> : '…'}</li>
        );
      })}
    </ul>
  );
}
