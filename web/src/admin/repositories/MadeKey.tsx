import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Dialog } from '../../ui/Dialog';
import { Notice } from '../../ui/Status';
import styles from '../form/Form.module.css';
import { Labelled } from './MadeCredential';
import type { MadeRepositoryKey } from './repositories';

interface MadeKeyProps {
  made: MadeRepositoryKey;
  location: string;
  onClose: () => void;
}

/** A password for the safe, which is shown this once. */
export function MadeKey({ made, location, onClose }: MadeKeyProps) {
  const text = useAdminText();
  return (
    <Dialog
      isOpen
      isFirm
      isWide
      title={text('repositoryKeys.made.title', { name: made.user ?? '' })}
      onClose={onClose}
      actions={
        <Button look="primary" onPress={onClose}>
          {text('action.close')}
        </Button>
      }
    >
      <Notice tone="warn">{text('repositoryKeys.made.words')}</Notice>
      <div className={styles.form}>
        <Labelled label={text('repositoryKeys.password')} value={made.password ?? ''} />
        <div>
          <p className={styles.soft}>{text('repositoryKeys.made.use')}</p>
          <CopyLine label={text('repositoryKeys.made.use')} value={`restic -r '${location}' snapshots`} />
        </div>
      </div>
    </Dialog>
  );
}
