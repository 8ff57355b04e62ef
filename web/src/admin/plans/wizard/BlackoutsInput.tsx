import { useFieldArray, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Button, IconButton } from '../../../ui/Button';
import { CheckboxInput, TextInput } from '../../form/inputs';
import type { Draft } from './draft';
import type { Which } from './RuleFields';
import styles from './Wizard.module.css';

const BLACKOUTS_MAX = 50;

/** Days on which nothing runs. */
export function BlackoutsInput({ of }: { of: Which }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: `${of}.blackouts` });
  return (
    <fieldset className={styles.set}>
      <legend>{text('wizard.blackouts')}</legend>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.blackout}>
          <TextInput
            control={control}
            name={`${of}.blackouts.${index}.from`}
            type="date"
            label={text('wizard.blackout.from')}
          />
          <TextInput
            control={control}
            name={`${of}.blackouts.${index}.to`}
            type="date"
            label={text('wizard.blackout.to')}
          />
          <TextInput
            control={control}
            name={`${of}.blackouts.${index}.reason`}
            label={text('wizard.blackout.reason')}
          />
          <CheckboxInput
            control={control}
            name={`${of}.blackouts.${index}.yearly`}
            label={text('wizard.blackout.yearly')}
          />
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.blackout.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      {fields.length < BLACKOUTS_MAX && (
        <div>
          <Button isSmall icon="plus" onPress={() => append({ from: '', to: '', reason: '', yearly: false })}>
            {text('wizard.blackout.add')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
