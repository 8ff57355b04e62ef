import type { ReactNode } from 'react';
import { useState } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { useText } from '../i18n/common';
import { IconButton } from './Button';
import styles from './Field.module.css';

interface FieldProps extends Omit<TextFieldProps, 'children' | 'className' | 'style'> {
  label: string;
  /** Said, and not shown. */
  isLabelHidden?: boolean;
  hint?: ReactNode;
  /** What is wrong, in words. */
  error?: string | undefined;
  placeholder?: string;
  /** Several lines. */
  lines?: number;
}

/** A line to write in: with its name above, what helps below, and what is wrong. */
export function Field({ label, isLabelHidden, hint, error, placeholder, lines, ...props }: FieldProps) {
  return (
    <TextField
      {...props}
      isInvalid={error !== undefined || props.isInvalid === true}
      className={styles.field ?? ''}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : (styles.label ?? '')}>{label}</Label>
      {lines ? (
        <TextArea className={styles.input ?? ''} rows={lines} placeholder={placeholder} />
      ) : (
        <Input className={styles.input ?? ''} placeholder={placeholder} />
      )}
      {hint && (
        <Text slot="description" className={styles.hint ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error ?? ''}>
        {error ?? (({ validationErrors }) => validationErrors.join(' '))}
      </FieldError>
    </TextField>
  );
}

/** A password: pasted or kept by a password manager, and shown to whoever wants to see it. */
export function PasswordField({ label, hint, error, ...props }: Omit<FieldProps, 'type' | 'lines'>) {
  const text = useText();
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      type={isShown ? 'text' : 'password'}
      isInvalid={error !== undefined}
      className={styles.field ?? ''}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <div className={styles.within}>
        <Input className={styles.input ?? ''} />
        <IconButton
          isSmall
          icon="eye"
          aria-label={isShown ? text('password.hide') : text('password.show')}
          onPress={() => setShown(!isShown)}
        />
      </div>
      {hint && (
        <Text slot="description" className={styles.hint ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error ?? ''}>
        {error ?? (({ validationErrors }) => validationErrors.join(' '))}
      </FieldError>
    </TextField>
  );
}
