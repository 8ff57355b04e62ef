import { useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { RadioInput } from '../../../form/inputs';
import { type Draft, STORAGE_CLASSES, VISIBILITIES } from '../draft';
import { RepositoriesInput } from '../RepositoriesInput';

/** Where snapshots go, and who sees them there. */
export function Where() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <>
      <RepositoriesInput />
      <RadioInput
        control={control}
        name="storageClass"
        label={text('wizard.storageClass')}
        options={STORAGE_CLASSES.map((value) => ({
          value,
          label: text(`wizard.storageClass.${value}`),
          hint: text(`wizard.storageClass.${value}.hint`),
        }))}
      />
      <RadioInput
        control={control}
        name="visibility"
        label={text('wizard.visibility')}
        options={VISIBILITIES.map((value) => ({ value, label: text(`wizard.visibility.${value}`) }))}
      />
    </>
  );
}
