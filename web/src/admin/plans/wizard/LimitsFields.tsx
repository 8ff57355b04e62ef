import { useFieldArray, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { classes } from '../../../lib/classes';
import { Button, IconButton } from '../../../ui/Button';
import { SelectInput, TextInput } from '../../form/inputs';
import type { Draft } from './draft';
import { BANDWIDTH_RULES_MAX, newBandwidth } from './limits';
import { WindowFields } from './WindowFields';
import styles from './Wizard.module.css';

/** How much of the machine it may use. */
export function LimitsFields() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <fieldset className={classes(styles.set, styles.section)}>
      <legend>{text('wizard.limits')}</legend>
      <p className={styles.soft}>{text('wizard.limits.words')}</p>
      <div className={styles.three}>
        <TextInput control={control} name="limits.upload" label={text('wizard.limits.upload')} />
        <TextInput control={control} name="limits.download" label={text('wizard.limits.download')} />
        <TextInput control={control} name="limits.minutes" label={text('wizard.limits.minutes')} />
        <TextInput
          control={control}
          name="limits.nice"
          label={text('wizard.limits.nice')}
          hint={text('wizard.limits.nice.hint')}
        />
        <SelectInput
          control={control}
          name="limits.io"
          label={text('wizard.limits.io')}
          options={(['any', 'best-effort', 'idle'] as const).map((value) => ({
            value,
            label: text(`wizard.limits.io.${value}`),
          }))}
        />
      </div>
      <Bandwidth />
    </fieldset>
  );
}

/** Other numbers at certain hours; the first that fits counts. */
function Bandwidth() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: 'limits.bandwidth' });
  return (
    <>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.item}>
          <div className={styles.fields}>
            <WindowFields name={`limits.bandwidth.${index}`} />
            <div className={styles.two}>
              <TextInput
                control={control}
                name={`limits.bandwidth.${index}.upload`}
                label={text('wizard.limits.upload')}
              />
              <TextInput
                control={control}
                name={`limits.bandwidth.${index}.download`}
                label={text('wizard.limits.download')}
              />
            </div>
          </div>
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.limits.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      {fields.length < BANDWIDTH_RULES_MAX && (
        <div>
          <Button isSmall icon="plus" onPress={() => append(newBandwidth())}>
            {text('wizard.limits.add')}
          </Button>
        </div>
      )}
    </>
  );
}
