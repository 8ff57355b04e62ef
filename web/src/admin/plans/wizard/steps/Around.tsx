import { useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { TextInput } from '../../../form/inputs';
import type { Draft } from '../draft';
import { HooksInput } from '../HooksInput';
import { LimitsFields } from '../LimitsFields';
import styles from '../Wizard.module.css';

/** What happens around it on the machine: commands, limits, and how often it is tried. */
export function Around() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <>
      <HooksInput />
      <LimitsFields />
      <div className={styles.narrow}>
        <TextInput
          control={control}
          name="attempts"
          label={text('wizard.attempts')}
          hint={text('wizard.attempts.hint')}
        />
      </div>
    </>
  );
}
