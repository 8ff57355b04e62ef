import { type FormEvent, useState } from 'react';
import { type Control, type DefaultValues, type FieldPath, useForm, useWatch } from 'react-hook-form';
import type { InferInput, InferOutput } from 'valibot';
import { Problem } from '../../api/problem';
import { useErrorText } from '../../ui/ErrorView';
import { type FormSchema, resolverOf } from './resolver';

export interface ServerForm<S extends FormSchema> {
  // biome-ignore lint/suspicious/noExplicitAny: what the values become is the submitter's concern
  control: Control<InferInput<S>, unknown, any>;
  /** What is written now, for parts of the form that depend on it. */
  values: InferInput<S>;
  /** What the server refused, and no field is to blame for. */
  refusal: string | null;
  isBusy: boolean;
  onSubmit: (event: FormEvent) => void;
}

interface HowTo<S extends FormSchema> {
  schema: S;
  defaults: InferInput<S>;
  /** The server's answer; a refusal stands above the form, or at the field that it names. */
  submit: (values: InferOutput<S>) => Promise<void>;
}

/** A form whose values are checked here first, and then by the server. */
export function useServerForm<S extends FormSchema>({ schema, defaults, submit }: HowTo<S>): ServerForm<S> {
  const errorText = useErrorText();
  const [refusal, setRefusal] = useState<string | null>(null);
  const { control, handleSubmit, setError, formState } = useForm<InferInput<S>, unknown, InferOutput<S>>({
    resolver: resolverOf(schema),
    defaultValues: defaults as DefaultValues<InferInput<S>>,
  });
  const values = useWatch({ control }) as InferInput<S>;
  const send = handleSubmit(async (checked) => {
    setRefusal(null);
    try {
      await submit(checked);
    } catch (error) {
      const words = errorText(error);
      const field = error instanceof Problem ? error.field?.split(/[.[]/)[0] : undefined;
      if (field !== undefined && field in defaults) {
        setError(field as FieldPath<InferInput<S>>, { message: words }, { shouldFocus: true });
      } else setRefusal(words);
    }
  });
  return {
    control,
    values,
    refusal,
    isBusy: formState.isSubmitting,
    onSubmit: (event) => void send(event),
  };
}
