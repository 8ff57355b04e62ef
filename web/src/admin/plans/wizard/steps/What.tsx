import { useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { TextInput } from '../../../form/inputs';
import type { Draft } from '../draft';
import { SourcesInput } from '../SourcesInput';
import styles from '../Wizard.module.css';

/** Which plan it is, and what it protects. */
export function What() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <>
      <div className={styles.narrow}>
        <TextInput
          control={control}
          name="name"
          label={text('wizard.name')}
          hint={text('wizard.name.hint')}
          autoFocus
        />
      </div>
      <SourcesInput />
    </>
  );
}
