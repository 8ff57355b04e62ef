import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, ask, newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toWatch } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { Radios } from '../../ui/Choice';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/ErrorView';
import { Notice } from '../../ui/Status';
import { useOrgUid } from '../console';
import { useDone } from '../parts/useDo';
import type { Plan } from './plans';

interface TellProps {
  plans: readonly Plan[];
  onClose: () => void;
}

/** Plans by the events that set them going: those that run by them at all. */
export function plansByEvent(plans: readonly Plan[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, enabled, spec } of plans) {
    if (!enabled) continue;
    for (const event of spec.events ?? []) found.set(event, [...(found.get(event) ?? []), name]);
  }
  return new Map([...found].sort(([one], [other]) => one.localeCompare(other)));
}

/** Says that something happened for which no program says so: every plan that waits for it runs. */
export function TellEvent({ plans, onClose }: TellProps) {
  const text = useAdminText();
  const format = useFormat();
  const errorText = useErrorText();
  const org = useOrgUid();
  const done = useDone(org);
  const [, navigate] = useLocation();
  const [key] = useState(newKey);
  const events = [...plansByEvent(plans)];
  const [event, setEvent] = useState(events[0]?.[0] ?? '');
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const tell = async () => {
    setBusy(true);
    try {
      await ask(() =>
        api.POST('/api/v1/orgs/{org}/plan-events', {
          params: { path: { org } },
          body: { event },
          headers: key,
        }),
      );
      onClose();
      navigate(toWatch.jobs());
      await done(text('plans.event.done', { event }), ['jobs', 'runs']);
    } catch (error) {
      setRefusal(errorText(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      isOpen
      title={text('plans.event.title')}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{text('action.cancel')}</Button>
          <Button look="primary" isPending={isBusy} onPress={() => void tell()}>
            {text('plans.event.tell')}
          </Button>
        </>
      }
    >
      {refusal && <Notice tone="bad">{refusal}</Notice>}
      <Radios
        label={text('plans.event.which')}
        value={event}
        onChange={setEvent}
        options={events.map(([name, names]) => ({
          value: name,
          label: name,
          hint: text('plans.event.runs', { plans: format.list(names) }),
        }))}
      />
    </Dialog>
  );
}
