//! Inputs of forms: those of `ui/`, each bound to a field by its name.
import type { ReactNode } from 'react';
import { type Control, type FieldPath, type FieldValues, useController } from 'react-hook-form';
import { useAdminText } from '../../i18n/admin';
import { Checkbox, type Option, Radios, Select } from '../../ui/Choice';
import { Field, PasswordField } from '../../ui/Field';

interface InputProps<Values extends FieldValues> {
  // biome-ignore lint/suspicious/noExplicitAny: what a form's values become does not matter to an input
  control: Control<Values, unknown, any>;
  name: FieldPath<Values>;
  label: string;
  hint?: ReactNode;
}

function useInput<Values extends FieldValues>({ control, name }: InputProps<Values>) {
  const say = useAdminText() as (key: string) => string;
  const { field, fieldState } = useController({ control, name });
  const { value, onChange, onBlur, ref } = field;
  const message = fieldState.error?.message;
  return { value, onChange, onBlur, ref, error: message === undefined ? undefined : say(message) };
}

interface TextInputProps<Values extends FieldValues> extends InputProps<Values> {
  type?: 'text' | 'email' | 'password' | 'date' | 'time' | 'url';
  lines?: number;
  placeholder?: string;
  autoFocus?: boolean;
  autoComplete?: string;
}

export function TextInput<Values extends FieldValues>(props: TextInputProps<Values>) {
  const { value, onChange, onBlur, error } = useInput(props);
  const { type = 'text', label, hint, name, lines, placeholder, autoFocus, autoComplete = 'off' } = props;
  const shared = {
    name,
    label,
    hint,
    error,
    value,
    onChange,
    onBlur,
    autoComplete,
    spellCheck: 'false' as const,
  };
  const focus = autoFocus === undefined ? {} : { autoFocus };
  if (type === 'password') return <PasswordField {...shared} {...focus} />;
  return (
    <Field
      {...shared}
      {...focus}
      type={type}
      {...(lines !== undefined && { lines })}
      {...(placeholder !== undefined && { placeholder })}
    />
  );
}

interface ChoiceInputProps<Values extends FieldValues, T extends string> extends InputProps<Values> {
  options: readonly Option<T>[];
}

/** One of a few, all of which are seen. */
export function RadioInput<Values extends FieldValues, T extends string>(props: ChoiceInputProps<Values, T>) {
  const { value, onChange } = useInput(props);
  return <Radios label={props.label} options={props.options} value={value} onChange={onChange} />;
}

export function SelectInput<Values extends FieldValues, T extends string>(
  props: ChoiceInputProps<Values, T>,
) {
  const { value, onChange, error } = useInput(props);
  return (
    <Select label={props.label} options={props.options} value={value} onChange={onChange} error={error} />
  );
}

export function CheckboxInput<Values extends FieldValues>(props: InputProps<Values>) {
  const { value, onChange } = useInput(props);
  return (
    <Checkbox isSelected={value} onChange={onChange}>
      {props.label}
    </Checkbox>
  );
}
