import { type FieldPath, useController, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { TextInput } from '../../form/inputs';
import { DAYS, type Day } from '../words';
import type { Draft } from './draft';
import type { Which } from './RuleFields';
import { Toggles } from './Toggles';
import styles from './Wizard.module.css';

export type WindowName = `${Which}.windows.${number}` | `limits.bandwidth.${number}`;

/** Two times, and the days on which they count. */
export function WindowFields({ name }: { name: WindowName }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const days = useController({ control, name: `${name}.days` as FieldPath<Draft> }).field;
  return (
    <>
      <div className={styles.pair}>
        <TextInput
          control={control}
          name={`${name}.from`}
          label={text('wizard.window.from')}
          placeholder="20:00"
        />
        <TextInput
          control={control}
          name={`${name}.to`}
          label={text('wizard.window.to')}
          placeholder="06:00"
        />
      </div>
      <Toggles
        label={text('wizard.window.days')}
        options={DAYS.map((value) => ({
          value,
          label: text(`day.short.${value}`),
          name: text(`day.which.${value}`),
        }))}
        value={days.value as Day[]}
        onChange={days.onChange}
      />
    </>
  );
}
