import { useController, useFormContext, useWatch } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Select } from '../../../ui/Choice';
import { RadioInput, SelectInput, TextInput } from '../../form/inputs';
import { DAYS } from '../words';
import { BlackoutsInput } from './BlackoutsInput';
import type { Draft } from './draft';
import type { ScheduleKind } from './schedule';
import { TimesInput } from './TimesInput';
import { Toggles } from './Toggles';
import styles from './Wizard.module.css';
import { ZoneField } from './ZoneField';

type Which = 'schedule' | 'prune' | 'verify';

const MONTH_DAYS = [...Array.from({ length: 31 }, (_, index) => String(index + 1)), 'last'];
const EVERY_HOURS = ['1', '2', '3', '4', '6', '8', '12'] as const;

interface ScheduleProps {
  of: Which;
  /** Without what only a plan's own schedule needs: windows, quiet days, missed runs. */
  isShort?: boolean;
}

/** When something runs: in words, or as an expression for who is used to it. */
export function ScheduleFields({ of, isShort = false }: ScheduleProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { field } = useController({ control, name: `${of}.kind` });
  const wasKept = useFormContext<Draft>().formState.defaultValues?.[of]?.kind === 'kept';
  const kinds: ScheduleKind[] = [
    ...(wasKept ? (['kept'] as const) : []),
    'day',
    'week',
    'month',
    'hours',
    'cron',
    ...(isShort ? [] : (['never'] as const)),
  ];
  return (
    <div className={styles.fields}>
      <div className={styles.narrow}>
        <Select
          label={text('wizard.every')}
          value={field.value}
          onChange={field.onChange}
          options={kinds.map((kind) => ({ value: kind, label: text(`wizard.kind.${kind}`) }))}
        />
      </div>
      <Rule of={of} kind={field.value} />
      {field.value !== 'never' && <Zone of={of} />}
      {field.value !== 'never' && !isShort && <Conditions />}
    </div>
  );
}

function Rule({ of, kind }: { of: Which; kind: ScheduleKind }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const days = useController({ control, name: `${of}.days` });
  const monthDays = useController({ control, name: `${of}.monthDays` });
  switch (kind) {
    case 'never':
      return <p className={styles.soft}>{text('wizard.never.words')}</p>;
    case 'kept':
      return <p className={styles.soft}>{text('wizard.kept.words')}</p>;
    case 'hours':
      return (
        <div className={styles.pair}>
          <SelectInput
            control={control}
            name={`${of}.hours`}
            label={text('wizard.hours')}
            options={EVERY_HOURS.map((value) => ({
              value,
              label: text('schedule.hours', { n: Number(value) }),
            }))}
          />
          <TextInput control={control} name={`${of}.minute`} label={text('wizard.minute')} />
        </div>
      );
    case 'day':
      return <TimesInput of={of} />;
    case 'week':
      return (
        <>
          <Toggles
            label={text('wizard.days')}
            options={DAYS.map((value) => ({
              value,
              label: text(`day.short.${value}`),
              name: text(`day.which.${value}`),
            }))}
            value={days.field.value}
            onChange={days.field.onChange}
            error={days.fieldState.error && text('wizard.wrong.days')}
          />
          <TimesInput of={of} />
        </>
      );
    case 'month':
      return (
        <>
          <Toggles
            label={text('wizard.monthDays')}
            options={MONTH_DAYS.map((value) => ({
              value,
              label: value === 'last' ? text('schedule.monthDay.last') : value,
              isWide: value === 'last',
            }))}
            value={monthDays.field.value}
            onChange={monthDays.field.onChange}
            error={monthDays.fieldState.error && text('wizard.wrong.days')}
          />
          <TimesInput of={of} />
        </>
      );
    case 'cron':
      return (
        <TextInput
          control={control}
          name={`${of}.cron`}
          label={text('wizard.cron')}
          hint={text('wizard.cron.hint')}
        />
      );
  }
}

function Zone({ of }: { of: Which }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const zone = useWatch({ control, name: `${of}.zone` });
  const place = useController({ control, name: `${of}.place` }).field;
  return (
    <>
      <RadioInput
        control={control}
        name={`${of}.zone`}
        label={text('wizard.zone')}
        options={[
          { value: 'agent', label: text('wizard.zone.agent') },
          { value: 'named', label: text('wizard.zone.named') },
        ]}
      />
      {zone === 'named' && (
        <ZoneField label={text('wizard.zone.place')} value={place.value} onChange={place.onChange} />
      )}
    </>
  );
}

/** What else decides whether and when a plan's run begins. */
function Conditions() {
  const text = useAdminText();
  const { control, formState } = useFormContext<Draft>();
  const hasAll = formState.defaultValues?.schedule?.missed === 'all';
  const missed = ['once', 'skip', ...(hasAll ? (['all'] as const) : [])] as const;
  return (
    <>
      <div className={styles.narrow}>
        <TextInput
          control={control}
          name="schedule.jitter"
          label={text('wizard.jitter')}
          hint={text('wizard.jitter.hint')}
        />
      </div>
      <RadioInput
        control={control}
        name="schedule.missed"
        label={text('wizard.missed')}
        options={missed.map((value) => ({ value, label: text(`wizard.missed.${value}`) }))}
      />
      <fieldset className={styles.set}>
        <legend>{text('wizard.window')}</legend>
        <div className={styles.pair}>
          <TextInput
            control={control}
            name="schedule.windowFrom"
            label={text('wizard.window.from')}
            placeholder="20:00"
          />
          <TextInput
            control={control}
            name="schedule.windowTo"
            label={text('wizard.window.to')}
            placeholder="06:00"
          />
        </div>
        <p className={styles.soft}>{text('wizard.window.hint')}</p>
      </fieldset>
      <BlackoutsInput />
    </>
  );
}
