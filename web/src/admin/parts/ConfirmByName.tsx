import { type FormEvent, type ReactNode, useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import styles from './ConfirmByName.module.css';

interface ConfirmProps {
  title: string;
  /** What will be gone, and what stays. */
  children: ReactNode;
  /** What has to be written, so that nobody does it to the wrong one. */
  name: string;
  action: string;
  isOpen: boolean;
  onClose: () => void;
  /** Rejects with what went wrong, which is shown; done, the dialog closes. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something is destroyed: by its name, not by a second button in the same place. */
export function ConfirmByName(props: ConfirmProps) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ children, name, action, onClose, onConfirm }: ConfirmProps) {
  const text = useAdminText();
  const errorText = useErrorText();
  const [written, setWritten] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const isRight = written.trim() === name;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isRight) return;
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (refused) {
      setError(errorText(refused));
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <div>{children}</div>
      {error && <Notice tone="bad">{error}</Notice>}
      <Field
        label={text('confirm.write', { name })}
        autoComplete="off"
        autoFocus
        value={written}
        onChange={setWritten}
      />
      <div className={styles.actions}>
        <Button onPress={onClose}>{text('action.cancel')}</Button>
        <Button type="submit" look="danger" isDisabled={!isRight} isPending={isBusy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
