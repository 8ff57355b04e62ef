import { type FormEvent, useState } from 'react';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { Radios, Select } from '../../ui/Choice';
import { CopyLine } from '../../ui/CopyLine';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import styles from './Settings.module.css';
import { type Purpose, useNewToken } from './tokens';

const DAYS = ['30', '90', '365'] as const;

interface NewTokenProps {
  /** What it can be for; one: nobody is asked. */
  purposes: readonly [Purpose, ...Purpose[]];
  action: string;
}

/** Makes a token, and shows it this once. */
export function NewTokenForm({ purposes, action }: NewTokenProps) {
  const text = usePortalText();
  const errorText = useErrorText();
  const create = useNewToken();
  const [name, setName] = useState('');
  const [purpose, setPurpose] = useState<Purpose>(purposes[0]);
  const [days, setDays] = useState<(typeof DAYS)[number]>('90');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, purpose, days: Number(days) }, { onSuccess: () => setName('') });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {create.error && <Notice tone="bad">{errorText(create.error)}</Notice>}
      {create.data && (
        <Notice tone="good">
          <p>{text('tokens.made', { name: create.data.token.name })}</p>
          <CopyLine value={create.data.secret} label={create.data.token.name} />
        </Notice>
      )}
      <Field
        label={text('tokens.name')}
        hint={text('tokens.nameHint')}
        isRequired
        maxLength={100}
        value={name}
        onChange={setName}
      />
      {purposes.length > 1 && (
        <Radios
          label={text('tokens.purpose')}
          value={purpose}
          onChange={setPurpose}
          options={purposes.map((value) => ({
            value,
            label: text(`tokens.purpose.${value}`),
            hint: text(`tokens.purpose.${value}.hint`),
          }))}
        />
      )}
      <Select
        label={text('tokens.lasts')}
        value={days}
        onChange={setDays}
        options={DAYS.map((value) => ({ value, label: text('count.days', { n: Number(value) }) }))}
      />
      <Button type="submit" isPending={create.isPending}>
        {action}
      </Button>
    </form>
  );
}
