import { useAdminText } from '../../i18n/admin';
import { Select } from '../../ui/Choice';
import { Field } from '../../ui/Field';
import styles from './filters.module.css';

interface NamedProps {
  label: string;
  /** A uid; empty: any. */
  value: string;
  onChange: (uid: string) => void;
  named: readonly { uid: string; name: string }[] | undefined;
}

const ANY = 'any';

/** One of the things that have names, or any. */
export function NamedFilter({ label, value, onChange, named }: NamedProps) {
  const text = useAdminText();
  return (
    <Select
      label={label}
      value={value || ANY}
      onChange={(uid) => onChange(uid === ANY ? '' : uid)}
      options={[
        { value: ANY, label: text('filter.any') },
        ...(named ?? []).map((one) => ({ value: one.uid, label: one.name })),
      ]}
    />
  );
}

interface TextProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

export function TextFilter({ label, value, onChange }: TextProps) {
  return (
    <div className={styles.field}>
      <Field label={label} value={value} onChange={onChange} autoComplete="off" spellCheck="false" />
    </div>
  );
}

export function DayFilter({ label, value, onChange }: TextProps) {
  return (
    <div className={styles.field}>
      <Field label={label} type="date" value={value} onChange={onChange} />
    </div>
  );
}
