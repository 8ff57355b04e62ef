//! What a plan says in words: the same on its own page, and at the end of the wizard.
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { useOrgUid } from '../console';
import { sourcesQuery, useNames } from '../names';
import type { Fact } from '../parts/Facts';
import { useHookWords, useLimitsWords } from './aroundWords';
import type { PlanSpec, Schedule } from './plans';
import { useDepthWords, useRetentionWords, useScheduleWords } from './words';

/** All of it that is not as by default. */
export function useSpecFacts(): (spec: PlanSpec) => Fact[] {
  const text = useAdminText();
  const format = useFormat();
  const names = useNames(useOrgUid());
  const scheduleWords = useScheduleWords();
  const retentionWords = useRetentionWords();
  const depthWords = useDepthWords();
  const hookWords = useHookWords();
  const limitsWords = useLimitsWords();
  const plan = (uid: string) => names.plan(uid) ?? '…';

  return (spec) => {
    const { capture, prune, verify } = spec;
    const left = [
      ...(capture?.exclude ?? []),
      ...(capture?.iexclude ?? []),
      ...(capture?.exclude_if_present ?? []),
    ];
    const blackouts = spec.schedule?.blackouts ?? [];
    const limits = limitsWords(spec.limits);
    return [
      { name: text('plans.sources'), value: <SourceLinks uids={spec.sources} /> },
      {
        name: text('plans.repositories'),
        value: spec.repositories.map((uid) => names.repository(uid) ?? '…').join(' → '),
      },
      {
        name: text('plan.mode'),
        value: spec.repositories.length > 1 && text(`plan.mode.${spec.repository_mode ?? 'sequential'}`),
      },
      {
        name: text('wizard.storageClass'),
        value:
          (spec.storage_class ?? 'hot') !== 'hot' &&
          text(`wizard.storageClass.${spec.storage_class ?? 'hot'}`),
      },
      { name: text('wizard.visibility'), value: text(`wizard.visibility.${spec.visibility ?? 'shared'}`) },
      { name: text('plan.missed'), value: spec.schedule && missedWords(spec.schedule, text) },
      {
        name: text('wizard.blackouts'),
        value: blackouts.length > 0 && (
          <Lines lines={blackouts.map((one) => blackoutWords(one, format, text))} />
        ),
      },
      {
        name: text('plan.after'),
        value: (spec.after ?? []).length > 0 && (
          <Lines
            lines={(spec.after ?? []).map(
              (one) => `${plan(one.plan)}: ${text(`after.when.${one.when ?? 'succeeded'}`)}`,
            )}
          />
        ),
      },
      {
        name: text('plan.dependsOn'),
        value: (spec.depends_on ?? []).length > 0 && (
          <Lines
            lines={(spec.depends_on ?? []).map((one) =>
              one.must_succeed
                ? text('plan.dependsOn.mustSucceed', { plan: plan(one.plan) })
                : plan(one.plan),
            )}
          />
        ),
      },
      { name: text('plan.events'), value: (spec.events ?? []).length > 0 && format.list(spec.events ?? []) },
      { name: text('plans.keeps'), value: retentionWords(spec.retention) },
      { name: text('plan.prune'), value: prune && scheduleWords(prune) },
      {
        name: text('plan.verify'),
        value: verify && `${scheduleWords(verify.schedule)} ${depthWords(verify.depth)}`,
      },
      { name: text('plan.left'), value: left.length > 0 && <code>{left.join('  ')}</code> },
      {
        name: text('wizard.compression'),
        value:
          (capture?.compression ?? 'auto') !== 'auto' &&
          text(`wizard.compression.${capture?.compression ?? 'auto'}`),
      },
      {
        name: text('plan.hooks'),
        value: (spec.hooks ?? []).length > 0 && <Lines lines={(spec.hooks ?? []).map(hookWords)} />,
      },
      { name: text('wizard.limits'), value: limits.length > 0 && <Lines lines={limits} /> },
      { name: text('wizard.attempts'), value: spec.attempts_max && format.number(spec.attempts_max) },
      { name: text('wizard.tags'), value: (spec.tags ?? []).length > 0 && format.list(spec.tags ?? []) },
    ].map((fact) => (fact.value ? fact : { ...fact, value: null }));
  };
}

type Text = ReturnType<typeof useAdminText>;

const missedWords = ({ missed = 'once' }: Schedule, text: Text): string =>
  typeof missed === 'string' ? text(`wizard.missed.${missed}`) : text('plan.missed.all', { n: missed.all });

function blackoutWords(
  { from, to, reason, yearly }: Schemas['Blackout'],
  format: ReturnType<typeof useFormat>,
  text: Text,
): string {
  // A day has no time: noon is that day wherever one looks from.
  const day = (date: string) => format[yearly ? 'dayOfYear' : 'date'](new Date(`${date}T12:00:00`));
  const days = from === to ? day(from) : `${day(from)} – ${day(to)}`;
  return [days, yearly && text('wizard.blackout.yearly'), reason].filter(Boolean).join(', ');
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
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
