import { useFieldArray, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Button, IconButton } from '../../../ui/Button';
import type { Draft } from './draft';
import type { Which } from './RuleFields';
import { WindowFields } from './WindowFields';
import styles from './Wizard.module.css';
import { newWindow } from './window';

const WINDOWS_MAX = 20;

/** When a run may begin. */
export function WindowsInput({ of }: { of: Which }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: `${of}.windows` });
  return (
    <fieldset className={styles.set}>
      <legend>{text('wizard.window')}</legend>
      <p className={styles.soft}>{text(fields.length === 0 ? 'wizard.window.none' : 'wizard.window.hint')}</p>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.item}>
          <div className={styles.fields}>
            <WindowFields name={`${of}.windows.${index}`} />
          </div>
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.window.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      {fields.length < WINDOWS_MAX && (
        <div>
          <Button isSmall icon="plus" onPress={() => append(newWindow())}>
            {text('wizard.window.add')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
