import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Dialog } from '../../ui/Dialog';
import { Notice } from '../../ui/Status';
import styles from '../form/Form.module.css';

/** How restic names a repository of this server. */
export const resticLocation = (path: string): string => `rest:${window.location.origin}${path}`;

/** A password that is shown this once, with the commands that use it. */
export function MadeCredential({
  made,
  onClose,
}: {
  made: Schemas['MadeGatewayCredentialBody'];
  onClose: () => void;
}) {
  const text = useAdminText();
  const location = resticLocation(made.path);
  const environment = [
    `export RESTIC_REPOSITORY='${location}'`,
    `export RESTIC_REST_USERNAME='${made.username}'`,
    `export RESTIC_REST_PASSWORD='${made.password}'`,
  ].join('\n');
  return (
    <Dialog
      isOpen
      isFirm
      isWide
      title={text('gateway.made.title', { name: made.name })}
      onClose={onClose}
      actions={
        <Button look="primary" onPress={onClose}>
          {text('action.close')}
        </Button>
      }
    >
      <Notice tone="warn">{text('gateway.made.words')}</Notice>
      <div className={styles.form}>
        <Labelled label={text('gateway.username')} value={made.username} />
        <Labelled label={text('gateway.made.password')} value={made.password} />
        <Labelled label={text('gateway.made.environment')} value={environment} />
        <Labelled
          label={text('gateway.made.inOne')}
          value={location.replace('://', `://${made.username}:${made.password}@`)}
        />
        {made.access !== 'read-only' && (
          <Labelled label={text('gateway.made.backup')} value="restic backup --exclude-caches /home" />
        )}
        <Labelled label={text('gateway.made.snapshots')} value="restic snapshots" />
        <p className={styles.soft}>{text('gateway.made.resticPassword')}</p>
      </div>
    </Dialog>
  );
}

/** A value to be copied, with its name above. */
export function Labelled({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <p className={styles.soft}>{label}</p>
      <CopyLine label={label} value={value} />
    </div>
  );
}
