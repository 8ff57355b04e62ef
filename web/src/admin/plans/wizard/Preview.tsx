import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useWatch } from 'react-hook-form';
import { safeParse } from 'valibot';
import { api, ask } from '../../../api/client';
import type { Schemas } from '../../../api/types';
import { useAdminText } from '../../../i18n/admin';
import { useErrorText } from '../../../ui/ErrorView';
import { Skeleton } from '../../../ui/Skeleton';
import { Notice } from '../../../ui/Status';
import { useOrgUid } from '../../console';
import { ofOrg } from '../../keys';
import { Part } from '../../parts/Page';
import type { PlanSpec } from '../plans';
import { RunsTable } from '../RunsTable';
import { type Draft, draftSchema, specOf } from './draft';
import styles from './Wizard.module.css';

interface PreviewProps {
  was: PlanSpec | null;
  only?: Schemas['WhatBody'];
}

/** The next runs of what is written, as the server would make them: nobody else computes them. */
export function Preview({ was, only }: PreviewProps) {
  const text = useAdminText();
  const errorText = useErrorText();
  const org = useOrgUid();
  const draft = useDeferredValue(useWatch<Draft>() as Draft);
  const spec = asked(specOf(draft, was), only);
  const isRight = isScheduled(draft);
  const runs = useQuery({
    queryKey: ofOrg(org, 'plan-preview', spec),
    queryFn: ({ signal }) =>
      ask(() =>
        api.POST('/api/v1/orgs/{org}/plans/preview', { params: { path: { org } }, body: { spec }, signal }),
      ),
    enabled: isRight,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!isRight) {
    return draft.sources.length === 0 ? <p className={styles.soft}>{text('wizard.preview.later')}</p> : null;
  }
  return (
    <Part title={text('plan.next.preview')}>
      {runs.error ? (
        <Notice tone="warn">{errorText(runs.error)}</Notice>
      ) : !runs.data ? (
        <Skeleton lines={5} />
      ) : runs.data.items.length === 0 ? (
        <p>{text('plan.next.none')}</p>
      ) : (
        <RunsTable runs={runs.data.items} spec={spec} />
      )}
    </Part>
  );
}

/** Only what decides when something runs: what is written elsewhere in the form does not ask anew. */
function asked(spec: PlanSpec, only: Schemas['WhatBody'] | undefined): PlanSpec {
  const { sources, repositories, schedule = null, prune = null, verify = null } = spec;
  return {
    sources,
    repositories,
    schedule,
    prune: only === 'backup' ? null : prune,
    verify: only === 'backup' ? null : verify,
  };
}

/** Whether the times are written as far as they can be asked about; sources decide whose clock counts. */
function isScheduled(draft: Draft): boolean {
  const checked = safeParse(draftSchema, draft);
  const wrong = new Set(checked.issues?.map(({ path }) => path?.[0]?.key));
  return !['sources', 'schedule', 'prune', 'verify'].some((field) => wrong.has(field));
}
