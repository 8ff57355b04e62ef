import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import styles from './Form.module.css';

interface ConfirmProps {
  title: string;
  /** What will happen, and what will not. */
  words: string;
  /** What has to be written: the name of the thing. Without it, pressing is enough. */
  name?: string;
  verb: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before what cannot be taken back: by the name of the thing, so that the wrong row is noticed. */
export function ConfirmDialog({ title, words, name, verb, onConfirm, onClose }: ConfirmProps) {
  const text = useAdminText();
  const errorText = useErrorText();
  const [written, setWritten] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const isNamed = name === undefined || written.trim() === name;

  const confirm = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setRefusal(errorText(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      isOpen
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{text('action.cancel')}</Button>
          <Button look="danger" isDisabled={!isNamed} isPending={isBusy} onPress={() => void confirm()}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isNamed && !isBusy) void confirm();
        }}
      >
        {refusal && <Notice tone="bad">{refusal}</Notice>}
        <p>{words}</p>
        {name !== undefined && (
          <Field
            label={text('confirm.name', { name })}
            value={written}
            onChange={setWritten}
            autoFocus
            autoComplete="off"
            spellCheck="false"
          />
        )}
      </form>
    </Dialog>
  );
}
