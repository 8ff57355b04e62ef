import { useFieldArray, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { classes } from '../../../lib/classes';
import { Button, IconButton } from '../../../ui/Button';
import { SelectInput, TextInput } from '../../form/inputs';
import type { Draft } from './draft';
import { HOOK_MOMENTS, HOOKS_MAX, newHook, ON_HOOK_FAILURE } from './hooks';
import styles from './Wizard.module.css';

/** Commands around the backup, in the order in which they run. */
export function HooksInput() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: 'hooks' });
  return (
    <fieldset className={classes(styles.set, styles.section)}>
      <legend>{text('wizard.hooks')}</legend>
      <p className={styles.soft}>{text('wizard.hooks.words')}</p>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.item}>
          <div className={styles.fields}>
            <div className={styles.two}>
              <SelectInput
                control={control}
                name={`hooks.${index}.when`}
                label={text('wizard.hook.when')}
                options={HOOK_MOMENTS.map((value) => ({ value, label: text(`hook.when.${value}`) }))}
              />
              <SelectInput
                control={control}
                name={`hooks.${index}.onFailure`}
                label={text('wizard.hook.onFailure')}
                options={ON_HOOK_FAILURE.map((value) => ({
                  value,
                  label: text(`wizard.hook.onFailure.${value}`),
                }))}
              />
            </div>
            <TextInput
              control={control}
              name={`hooks.${index}.command`}
              label={text('wizard.hook.command')}
              hint={text('wizard.hook.command.hint')}
              placeholder="/usr/local/bin/dump-database --all"
            />
            <div className={styles.two}>
              <TextInput
                control={control}
                name={`hooks.${index}.seconds`}
                label={text('wizard.hook.seconds')}
              />
              <TextInput
                control={control}
                name={`hooks.${index}.codes`}
                label={text('wizard.hook.codes')}
                hint={text('wizard.hook.codes.hint')}
              />
            </div>
          </div>
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.hook.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      {fields.length < HOOKS_MAX && (
        <div>
          <Button isSmall icon="plus" onPress={() => append(newHook())}>
            {text('wizard.hook.add')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
