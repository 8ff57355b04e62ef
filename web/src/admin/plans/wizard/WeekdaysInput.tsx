import { useFieldArray, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Button, IconButton } from '../../../ui/Button';
import { SelectInput } from '../../form/inputs';
import { DAYS } from '../words';
import type { Draft } from './draft';
import type { RuleName } from './RuleFields';
import { NTHS } from './rule';
import styles from './Wizard.module.css';

const WEEKDAYS_MAX = 10;

/** Days of the month that are counted: the last Friday. */
export function WeekdaysInput({ name }: { name: RuleName }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: `${name}.weekdays` });
  return (
    <fieldset className={styles.set}>
      <legend>{text('wizard.weekdays')}</legend>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.row}>
          <SelectInput
            control={control}
            name={`${name}.weekdays.${index}.nth`}
            label={text('wizard.weekdays.nth')}
            options={NTHS.map((value) => ({ value, label: text(`nth.${value}.m`) }))}
          />
          <SelectInput
            control={control}
            name={`${name}.weekdays.${index}.day`}
            label={text('wizard.weekdays.day')}
            options={DAYS.map((value) => ({ value, label: text(`day.which.${value}`) }))}
          />
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.weekdays.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      {fields.length < WEEKDAYS_MAX && (
        <div>
          <Button isSmall icon="plus" onPress={() => append({ nth: 'last', day: 'friday' })}>
            {text('wizard.weekdays.add')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
