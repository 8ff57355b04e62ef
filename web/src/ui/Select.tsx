import { Button as AriaButton } from 'react-aria-components/Button';
import { FieldError } from 'react-aria-components/FieldError';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import type { OneProps } from './Choice';
import styles from './Choice.module.css';
import { Icon } from './Icon';

interface SelectProps<T extends string> extends OneProps<T> {
  /** What is wrong, in words. */
  error?: string | undefined;
}

/** One of many. */
export function Select<T extends string>({
  label,
  isLabelHidden,
  options,
  value,
  onChange,
  isDisabled,
  error,
}: SelectProps<T>) {
  return (
    <AriaSelect
      value={value}
      onChange={(chosen) => onChange(chosen as T)}
      isDisabled={isDisabled ?? false}
      isInvalid={error !== undefined}
      aria-label={isLabelHidden ? label : undefined}
      className={styles.select ?? ''}
    >
      {!isLabelHidden && <Label className={styles.label ?? ''}>{label}</Label>}
      <AriaButton className={styles.opener ?? ''}>
        <SelectValue />
        <Icon name="chevron-down" />
      </AriaButton>
      <FieldError className={styles.error ?? ''}>{error}</FieldError>
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''}>
          {options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value}
              textValue={option.label}
              className={styles.item ?? ''}
            >
              <span>{option.label}</span>
              <Icon name="check" className={styles.tick} />
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
