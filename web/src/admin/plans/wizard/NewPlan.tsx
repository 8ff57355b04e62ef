import { useCallback, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { api, ask, newKey } from '../../../api/client';
import { useAdminText } from '../../../i18n/admin';
import { useFormat } from '../../../i18n/format';
import { toWatch, wizardState } from '../../../routes/adminWatch';
import { useSearchState } from '../../../routes/useSearchState';
import { Button } from '../../../ui/Button';
import { Notice } from '../../../ui/Status';
import { useOrgUid } from '../../console';
import { Page } from '../../parts/Page';
import { useDone } from '../../parts/useDo';
import { useMay } from '../../rights';
import type { PlanSpec } from '../plans';
import { type Draft, newDraft } from './draft';
import { dropDraft, keepDraft, keptDraft } from './kept';
import { Wizard } from './Wizard';

/** Who may not make plans finds those that there are. */
export default function NewPlan() {
  const may = useMay();
  return may('create', 'plan') ? <Beginning /> : <Redirect href={toWatch.plans()} replace />;
}

/** A new plan. What was begun and not saved is still there, as long as the tab is open. */
function Beginning() {
  const text = useAdminText();
  const org = useOrgUid();
  const { zone } = useFormat();
  const [{ source }] = useSearchState(wizardState);
  const [, navigate] = useLocation();
  const done = useDone(org);
  const [key] = useState(newKey);
  const [begun, setBegun] = useState(() => keptDraft(org));
  const [draft, setDraft] = useState(() => (source ? newDraft(zone, source) : (begun ?? newDraft(zone, ''))));
  const write = useCallback((written: Draft) => keepDraft(org, written), [org]);

  const save = async (body: { name: string; enabled: boolean; spec: PlanSpec }) => {
    const params = { path: { org } };
    const plan = await ask(() => api.POST('/api/v1/orgs/{org}/plans', { params, body, headers: key }));
    dropDraft(org);
    navigate(toWatch.plan(plan.uid));
    await done(text('wizard.made'), ['plans', 'protection']);
  };
  const startAnew = () => {
    dropDraft(org);
    setBegun(null);
    setDraft(newDraft(zone, ''));
  };

  return (
    <Page title={text('plans.new')} up={{ href: toWatch.plans(), label: text('plans.title') }}>
      {begun && !source && (
        <Notice tone="neutral">
          {text('wizard.begun')}{' '}
          <Button isSmall onPress={startAnew}>
            {text('wizard.anew')}
          </Button>
        </Notice>
      )}
      <Wizard
        key={begun && !source ? 'begun' : 'new'}
        draft={draft}
        was={null}
        own={null}
        verb={text('wizard.make')}
        onWrite={write}
        onSave={save}
      />
    </Page>
  );
}
