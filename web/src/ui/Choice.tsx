import type { ReactNode } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import styles from './Choice.module.css';
import { Icon } from './Icon';

interface CheckboxProps {
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
  isDisabled?: boolean;
  children?: ReactNode;
  'aria-label'?: string;
}

export function Checkbox({ children, ...props }: CheckboxProps) {
  return (
    <AriaCheckbox {...props} className={styles.checkbox ?? ''}>
      <span className={styles.box}>
        <Icon name="check" />
      </span>
      {children}
    </AriaCheckbox>
  );
}

export interface Option<T extends string> {
  value: T;
  label: string;
  hint?: ReactNode;
  isDisabled?: boolean;
}

export interface OneProps<T extends string> {
  label: string;
  /** Said, and not shown. */
  isLabelHidden?: boolean;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  isDisabled?: boolean;
}

/** One of a few, all of which are seen. */
export function Radios<T extends string>({
  label,
  isLabelHidden,
  options,
  value,
  onChange,
  isDisabled,
}: OneProps<T>) {
  return (
    <RadioGroup
      value={value}
      onChange={(chosen) => onChange(chosen as T)}
      isDisabled={isDisabled ?? false}
      className={styles.radios ?? ''}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : (styles.label ?? '')}>{label}</Label>
      {options.map((option) => (
        <Radio
          key={option.value}
          value={option.value}
          isDisabled={option.isDisabled ?? false}
          className={styles.radio ?? ''}
        >
          <span className={styles.dot} />
          <span>
            {option.label}
            {option.hint && <span className={styles.hint}>{option.hint}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

/** One of a few, side by side: for views and themes. */
export function Segments<T extends string>({ label, options, value, onChange }: OneProps<T>) {
  return (
    <RadioGroup
      aria-label={label}
      orientation="horizontal"
      value={value}
      onChange={(chosen) => onChange(chosen as T)}
      className={styles.segments ?? ''}
    >
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className={styles.segment ?? ''}>
          {option.label}
        </Radio>
      ))}
    </RadioGroup>
  );
}

export { Select } from './Select';
