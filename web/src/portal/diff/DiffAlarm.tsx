import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Button, LinkButton } from '../../ui/Button';
import { Notice } from '../../ui/Status';
import { type Address, nameOf } from '../data/address';
import { useRestoreDialog } from '../restore/RestoreDialog';
import type { Alarm } from './alarm';
import styles from './Diff.module.css';
import type { Side } from './useSide';

interface DiffAlarmProps {
  alarm: Alarm;
  source: string;
  folder: Address;
  /** The last snapshot before it happened. */
  clean: Side;
  mayRestore: boolean;
}

/** So much happened at once that nobody did it by hand: what it looks like, and the way back before it. */
export function DiffAlarm({ alarm, source, folder, clean, mayRestore }: DiffAlarmProps) {
  const text = usePortalText();
  const format = useFormat();
  const restore = useRestoreDialog();
  const everything = {
    address: folder,
    name: nameOf(folder),
    kind: 'dir',
    size: null,
    at: clean.id,
  } as const;
  return (
    <Notice tone="bad">
      <strong>
        {alarm.kind === 'encrypted'
          ? text('diff.encrypted', { n: alarm.count, ending: alarm.ending })
          : text('diff.manyRemoved', { n: alarm.count })}
      </strong>{' '}
      {text('diff.lastClean', { moment: format.moment(clean.taken_at) })}
      <p className={styles.ways}>
        <LinkButton isSmall icon="folder" href={to.browse(source, { at: clean.id.slice(0, 16), p: folder })}>
          {text('diff.browseClean')}
        </LinkButton>
        {mayRestore && (
          <Button isSmall icon="restore" onPress={() => restore.open({ source, items: [everything] })}>
            {text('diff.restoreClean')}
          </Button>
        )}
      </p>
      {restore.dialog}
    </Notice>
  );
}
