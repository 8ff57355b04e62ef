import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Button } from '../../ui/Button';
import { Radios, Select } from '../../ui/Choice';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { byTime, bytesOf, type Item } from '../browse/chosen';
import { pathOf } from '../data/address';
import { devicesForQuery, useNewRestore } from '../data/restores';
import styles from './Restore.module.css';

type Target = Schemas['RestoreTarget'];
type Where = Target['to'];

interface NewRestoreProps {
  source: string;
  items: readonly Item[];
  onClose: () => void;
}

/** P7: where to. The next step thinks it through, and writes nothing. */
export function NewRestore({ source, items: all, onClose }: NewRestoreProps) {
  const text = usePortalText();
  const format = useFormat();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const devices = useQuery(devicesForQuery(source));
  const create = useNewRestore();
  const [agent, setAgent] = useState('');
  const [where, setWhere] = useState<Where>('new_folder');
  const [folder, setFolder] = useState('');
  const times = byTime(all);
  const [time, setTime] = useState(times[0]?.[0]?.at ?? '');
  const items = times.find(([first]) => first?.at === time) ?? [];

  const device = devices.data?.find((one) => one.uid === agent) ?? devices.data?.[0];
  const target: Target = where === 'folder' ? { to: 'folder', path: folder } : { to: where };
  const check = () => {
    if (!device) return;
    const body = {
      source,
      agent: device.uid,
      at: time,
      items: items.map((item) => pathOf(item.address)),
      target,
      // What is in the way is named by the check, and what becomes of it is asked then.
      on_conflict: 'ask' as const,
      dry_run: true,
    };
    create.mutate(body, { onSuccess: (restore) => navigate(to.restore(restore.uid)) });
  };
  const timeOf = ([first, ...others]: readonly Item[]) => {
    const moment = first?.takenAt ? format.moment(first.takenAt) : (first?.at.slice(0, 8) ?? '');
    return text('restore.asOf.time', { moment, n: others.length + 1 });
  };
  const size = items.some((item) => item.kind === 'dir') ? '' : format.size(bytesOf(items));
  const title = text('restore.title', { n: items.length });
  return (
    <Dialog
      title={size ? `${title} · ${size}` : title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{text('action.cancel')}</Button>
          <Button
            look="primary"
            isDisabled={!device || (where === 'folder' && folder.trim() === '')}
            isPending={create.isPending}
            onPress={check}
          >
            {text('restore.check')}
          </Button>
        </>
      }
    >
      {create.error && <Notice tone="bad">{errorText(create.error)}</Notice>}
      {devices.error && <Notice tone="bad">{errorText(devices.error)}</Notice>}
      {times.length > 1 && (
        <>
          <Notice tone="neutral">{text('restore.manySnapshots')}</Notice>
          <Select
            label={text('restore.asOf')}
            value={time}
            onChange={setTime}
            options={times.map((of) => ({ value: of[0]?.at ?? '', label: timeOf(of) }))}
          />
        </>
      )}
      {devices.isPending && <Skeleton lines={2} height={34} />}
      {devices.data?.length === 0 && <Notice tone="warn">{text('restore.noDevice')}</Notice>}
      {device && (
        <>
          <Select
            label={text('restore.device')}
            value={device.uid}
            onChange={setAgent}
            options={(devices.data ?? []).map((one) => ({
              value: one.uid,
              label: `${one.name} · ${text(one.online ? 'restore.online' : 'restore.offline')}`,
            }))}
          />
          {!device.online && <Notice tone="neutral">{text('restore.waits', { device: device.name })}</Notice>}
          <Radios
            label={text('restore.where')}
            value={where}
            onChange={setWhere}
            options={[
              { value: 'new_folder', label: text('restore.where.new'), hint: text('restore.where.new.hint') },
              { value: 'original', label: text('restore.where.original') },
              { value: 'folder', label: text('restore.where.folder') },
            ]}
          />
          {where === 'folder' && (
            <Field
              label={text('restore.folder')}
              placeholder="/home/anna/restored"
              isRequired
              value={folder}
              onChange={setFolder}
            />
          )}
          <p className={styles.soft}>{text('restore.calm')}</p>
        </>
      )}
    </Dialog>
  );
}
