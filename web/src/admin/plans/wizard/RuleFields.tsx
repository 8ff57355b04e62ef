import { useController, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { useFormat } from '../../../i18n/format';
import { Select } from '../../../ui/Choice';
import { SelectInput, TextInput } from '../../form/inputs';
import { DAYS } from '../words';
import type { Draft } from './draft';
import type { RuleKind } from './rule';
import { TimesInput } from './TimesInput';
import { Toggles } from './Toggles';
import { WeekdaysInput } from './WeekdaysInput';
import styles from './Wizard.module.css';

export type Which = 'schedule' | 'prune' | 'verify';
export type RuleName = `${Which}.rules.${number}`;

const MONTH_DAYS = [...Array.from({ length: 31 }, (_, index) => String(index + 1)), 'last'];
const MONTHS = Array.from({ length: 12 }, (_, index) => String(index + 1));
const EVERY_HOURS = ['1', '2', '3', '4', '6', '8', '12'] as const;

/** One rule: in words, or as an expression for who is used to it. */
export function RuleFields({ name, kinds }: { name: RuleName; kinds: readonly RuleKind[] }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { field } = useController({ control, name: `${name}.kind` });
  return (
    <>
      <div className={styles.narrow}>
        <Select
          label={text('wizard.every')}
          value={field.value}
          onChange={field.onChange}
          options={kinds.map((kind) => ({ value: kind, label: text(`wizard.kind.${kind}`) }))}
        />
      </div>
      <Words name={name} kind={field.value} />
    </>
  );
}

function Words({ name, kind }: { name: RuleName; kind: RuleKind }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  switch (kind) {
    case 'never':
      return <p className={styles.soft}>{text('wizard.never.words')}</p>;
    case 'hours':
      return (
        <div className={styles.pair}>
          <SelectInput
            control={control}
            name={`${name}.hours`}
            label={text('wizard.hours')}
            options={EVERY_HOURS.map((value) => ({
              value,
              label: text('schedule.hours', { n: Number(value) }),
            }))}
          />
          <TextInput control={control} name={`${name}.minute`} label={text('wizard.minute')} />
        </div>
      );
    case 'day':
      return <TimesInput of={name} />;
    case 'week':
      return (
        <>
          <WeekInput name={name} />
          <TimesInput of={name} />
        </>
      );
    case 'month':
      return (
        <>
          <MonthInput name={name} />
          <WeekdaysInput name={name} />
          <TimesInput of={name} />
        </>
      );
    case 'year':
      return (
        <>
          <YearInput name={name} />
          <TimesInput of={name} />
        </>
      );
    case 'cron':
      return (
        <TextInput
          control={control}
          name={`${name}.cron`}
          label={text('wizard.cron')}
          hint={text('wizard.cron.hint')}
        />
      );
  }
}

function WeekInput({ name }: { name: RuleName }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { field, fieldState } = useController({ control, name: `${name}.days` });
  return (
    <Toggles
      label={text('wizard.days')}
      options={DAYS.map((value) => ({
        value,
        label: text(`day.short.${value}`),
        name: text(`day.which.${value}`),
      }))}
      value={field.value}
      onChange={field.onChange}
      error={fieldState.error && text('wizard.wrong.days')}
    />
  );
}

function MonthInput({ name }: { name: RuleName }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { field, fieldState } = useController({ control, name: `${name}.monthDays` });
  return (
    <Toggles
      label={text('wizard.monthDays')}
      options={MONTH_DAYS.map((value) => ({
        value,
        label: value === 'last' ? text('schedule.monthDay.last') : value,
        isWide: value === 'last',
      }))}
      value={field.value}
      onChange={field.onChange}
      error={fieldState.error && text('wizard.wrong.days')}
    />
  );
}

function YearInput({ name }: { name: RuleName }) {
  const text = useAdminText();
  const format = useFormat();
  const { control } = useFormContext<Draft>();
  return (
    <div className={styles.pair}>
      <SelectInput
        control={control}
        name={`${name}.month`}
        label={text('wizard.month')}
        options={MONTHS.map((value) => ({ value, label: format.monthOfYear(Number(value)) }))}
      />
      <TextInput control={control} name={`${name}.yearDay`} label={text('wizard.yearDay')} />
    </div>
  );
}
