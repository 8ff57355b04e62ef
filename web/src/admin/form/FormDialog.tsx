import { type ReactNode, useEffect, useState } from 'react';
import { type Control, type DefaultValues, type FieldPath, useForm, useWatch } from 'react-hook-form';
import type { InferInput, InferOutput } from 'valibot';
import { Problem } from '../../api/problem';
import { useText } from '../../i18n/common';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/ErrorView';
import { Notice } from '../../ui/Status';
import styles from './Form.module.css';
import { type FormSchema, resolverOf } from './resolver';

export interface FormParts<S extends FormSchema> {
  // biome-ignore lint/suspicious/noExplicitAny: the output's type is the dialog's concern
  control: Control<InferInput<S>, unknown, any>;
  /** What is written now, for parts of the form that depend on it. */
  values: InferInput<S>;
}

interface FormDialogProps<S extends FormSchema> {
  title: string;
  schema: S;
  defaults: InferInput<S>;
  /** What the button says. */
  verb: string;
  isDanger?: boolean;
  isWide?: boolean;
  /** The server's answer; what it refuses stands above the form, or at the field that it names. */
  onSubmit: (values: InferOutput<S>) => Promise<void>;
  onClose: () => void;
  children: (form: FormParts<S>) => ReactNode;
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
  const errorText = useErrorText();
  const [refusal, setRefusal] = useState<string | null>(null);
  const { control, handleSubmit, setError, formState } = useForm<InferInput<S>, unknown, InferOutput<S>>({
    resolver: resolverOf(schema),
    defaultValues: defaults as DefaultValues<InferInput<S>>,
  });
  const values = useWatch({ control }) as InferInput<S>;
  // What was refused is not what is written now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it depends on what is written
  useEffect(() => setRefusal(null), [values]);

  const submit = handleSubmit(async (checked) => {
    try {
      await onSubmit(checked);
      onClose();
    } catch (error) {
      const words = errorText(error);
      const field = error instanceof Problem ? error.field?.split(/[.[]/)[0] : undefined;
      if (field !== undefined && field in defaults) {
        setError(field as FieldPath<InferInput<S>>, { message: words }, { shouldFocus: true });
      } else setRefusal(words);
    }
  });

  const id = `form-${title.replace(/\W+/g, '-')}`;
  return (
    <Dialog
      isOpen
      title={title}
      isWide={isWide}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{text('action.cancel')}</Button>
          <Button
            type="submit"
            form={id}
            look={isDanger ? 'danger' : 'primary'}
            isPending={formState.isSubmitting}
          >
            {verb}
          </Button>
        </>
      }
    >
      <form id={id} noValidate className={styles.form} onSubmit={(event) => void submit(event)}>
        {refusal && <Notice tone="bad">{refusal}</Notice>}
        {children({ control, values })}
      </form>
    </Dialog>
  );
}
