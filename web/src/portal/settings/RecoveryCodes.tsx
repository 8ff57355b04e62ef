import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { useCopy } from '../../ui/CopyLine';
import { Dialog } from '../../ui/Dialog';
import styles from './Settings.module.css';

/** Shown once: whoever loses the device gets in with one of them. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = usePortalText();
  const copy = useCopy();
  return (
    <Dialog
      title={text('recovery.title')}
      isOpen
      isFirm
      onClose={onClose}
      actions={
        <>
          <Button icon="copy" onPress={() => void copy(codes.join('\n'))}>
            {text('recovery.copy')}
          </Button>
          <Button look="primary" onPress={onClose}>
            {text('recovery.kept')}
          </Button>
        </>
      }
    >
      <p>{text('recovery.words')}</p>
      <ul className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
