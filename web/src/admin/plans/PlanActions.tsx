import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, ask, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { Menu, type MenuEntry } from '../../ui/Menu';
import { useOrgUid } from '../console';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useDo, useDone } from '../parts/useDo';
import { useMay } from '../rights';
import type { Plan } from './plans';

/** What can be done with a plan. */
export function PlanActions({ plan, tag }: { plan: Plan; tag: string }) {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const act = useDo(org);
  const done = useDone(org);
  const [, navigate] = useLocation();
  const [asksDelete, setAsksDelete] = useState(false);
  const path = { org, plan: plan.uid };
  const header = { 'If-Match': tag };

  const run = (what: Schemas['WhatBody']) =>
    act(
      async () => {
        const made = await ask(() =>
          api.POST('/api/v1/orgs/{org}/plans/{plan}/run', {
            params: { path },
            body: { what },
            headers: newKey(),
          }),
        );
        navigate(toWatch.jobs({ run: made.uid }));
      },
      text('plan.run.done'),
      ['jobs', 'runs'],
    );
  const turn = (enabled: boolean) => {
    const body = { name: plan.name, enabled, spec: plan.spec };
    return act(
      () => ask(() => api.PUT('/api/v1/orgs/{org}/plans/{plan}', { params: { path, header }, body })),
      text(enabled ? 'plan.turnedOn' : 'plan.turnedOff'),
      ['plans', 'protection'],
    );
  };
  const remove = async () => {
    await ask(() => api.DELETE('/api/v1/orgs/{org}/plans/{plan}', { params: { path, header } }));
    navigate(toWatch.plans());
    await done(text('plan.deleted'), ['plans', 'protection']);
  };

  const runs: MenuEntry[] = (['backup', 'verify', 'prune'] as const).map((what) => ({
    id: what,
    label: text(`plan.run.${what}`),
    onAction: () => void run(what),
  }));
  const more: MenuEntry[] = [];
  if (may('change', 'plan')) {
    more.push({
      id: 'turn',
      icon: plan.enabled ? 'pause' : 'play',
      label: text(plan.enabled ? 'plan.turnOff' : 'plan.turnOn'),
      onAction: () => void turn(!plan.enabled),
    });
  }
  if (may('delete', 'plan')) {
    more.push({
      id: 'delete',
      icon: 'trash',
      label: text('plan.delete'),
      isDanger: true,
      onAction: () => setAsksDelete(true),
    });
  }
  return (
    <>
      {may('run', 'plan') && (
        <Menu
          label={text('plan.run')}
          entries={runs}
          trigger={
            <Button look="primary" icon="play">
              {text('plan.run')}
            </Button>
          }
        />
      )}
      {may('change', 'plan') && (
        <LinkButton href={toWatch.changePlan(plan.uid)}>{text('plan.change')}</LinkButton>
      )}
      {more.length > 0 && (
        <Menu
          label={text('plan.more')}
          entries={more}
          trigger={<Button icon="more" aria-label={text('plan.more')} />}
        />
      )}
      <ConfirmByName
        title={text('plan.delete.title', { name: plan.name })}
        name={plan.name}
        action={text('plan.delete')}
        isOpen={asksDelete}
        onClose={() => setAsksDelete(false)}
        onConfirm={remove}
      >
        {text('plan.delete.words')}
      </ConfirmByName>
    </>
  );
}
