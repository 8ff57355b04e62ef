import { type ReactNode, useId } from 'react';
import type { InferInput, InferOutput } from 'valibot';
import { useText } from '../../i18n/common';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Notice } from '../../ui/Status';
import styles from './Form.module.css';
import type { FormSchema } from './resolver';
import { type ServerForm, useServerForm } from './useServerForm';

interface FormDialogProps<S extends FormSchema> {
  title: string;
  schema: S;
  defaults: InferInput<S>;
  /** What the button says. */
  verb: string;
  isDanger?: boolean;
  isWide?: boolean;
  onSubmit: (values: InferOutput<S>) => Promise<void>;
  onClose: () => void;
  children: (form: ServerForm<S>) => ReactNode;
}

/** A form above the page. It is there while it is open: give it a condition, so that each opening begins anew. */
export function FormDialog<S extends FormSchema>(props: FormDialogProps<S>) {
  const {
    title,
    schema,
    defaults,
    verb,
    isDanger = false,
    isWide = false,
    onSubmit,
    onClose,
    children,
  } = props;
  const text = useText();
  const id = useId();
  const form = useServerForm({
    schema,
    defaults,
    submit: async (values) => {
      await onSubmit(values);
      onClose();
    },
  });
  return (
    <Dialog
      isOpen
      title={title}
      isWide={isWide}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{text('action.cancel')}</Button>
          <Button type="submit" form={id} look={isDanger ? 'danger' : 'primary'} isPending={form.isBusy}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={id} noValidate className={styles.form} onSubmit={form.onSubmit}>
        {form.refusal && <Notice tone="bad">{form.refusal}</Notice>}
        {children(form)}
      </form>
    </Dialog>
  );
}
