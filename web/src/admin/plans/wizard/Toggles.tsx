import { Group } from 'react-aria-components/Group';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { classes } from '../../../lib/classes';
import styles from './Toggles.module.css';

interface TogglesProps<T extends string> {
  label: string;
  options: readonly { value: T; label: string; name?: string; isWide?: boolean }[];
  value: readonly T[];
  onChange: (value: T[]) => void;
  error?: string | undefined;
}

/** Some of a few, side by side: days. `name` is said where `label` is an abbreviation. */
export function Toggles<T extends string>({ label, options, value, onChange, error }: TogglesProps<T>) {
  const toggle = (one: T) => {
    const rest = value.filter((chosen) => chosen !== one);
    onChange(rest.length === value.length ? [...value, one] : rest);
  };
  return (
    <Group aria-label={label} className={styles.group ?? ''}>
      <span className={styles.label}>{label}</span>
      <span className={styles.toggles}>
        {options.map((option) => (
          <ToggleButton
            key={option.value}
            isSelected={value.includes(option.value)}
            onChange={() => toggle(option.value)}
            className={classes(styles.toggle, option.isWide && styles.wide)}
          >
            <span aria-hidden={option.name !== undefined}>{option.label}</span>
            {option.name && <span className="visually-hidden">{option.name}</span>}
          </ToggleButton>
        ))}
      </span>
      {error && (
        <span className={styles.error} role="alert">
          {error}
        </span>
      )}
    </Group>
  );
}
