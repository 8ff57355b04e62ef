import { useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { Fold } from '../../../../ui/Fold';
import { CheckboxInput, SelectInput, TextInput } from '../../../form/inputs';
import { COMPRESSIONS, captureDraftOf, LEAVING, READING } from '../capture';
import type { Draft } from '../draft';
import styles from '../Wizard.module.css';

/** What is left out, and how the rest is read and written. */
export function Capture() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <>
      <TextInput
        control={control}
        name="capture.exclude"
        label={text('wizard.exclude')}
        hint={text('wizard.exclude.hint')}
        lines={5}
      />
      <TextInput
        control={control}
        name="capture.exclude_if_present"
        label={text('wizard.excludeIfPresent')}
        hint={text('wizard.excludeIfPresent.hint')}
        lines={2}
      />
      <div className={styles.narrow}>
        <TextInput control={control} name="capture.largerThan" label={text('wizard.largerThan')} />
      </div>
      <Flags flags={LEAVING} />
      <div className={styles.narrow}>
        <TextInput
          control={control}
          name="tags"
          label={text('wizard.tags')}
          hint={text('wizard.tags.hint')}
        />
      </div>
      <More />
    </>
  );
}

/** What is on or off. */
function Flags({ flags }: { flags: typeof LEAVING | typeof READING }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <div className={styles.checks}>
      {flags.map((flag) => (
        <CheckboxInput
          key={flag}
          control={control}
          name={`capture.flags.${flag}`}
          label={text(`wizard.flag.${flag}`)}
        />
      ))}
    </div>
  );
}

/** What few need. */
function More() {
  const text = useAdminText();
  const { control, getValues } = useFormContext<Draft>();
  return (
    <Fold title={text('wizard.capture.more')} isOpenAtFirst={isUnusual(getValues('capture'))}>
      <TextInput
        control={control}
        name="capture.iexclude"
        label={text('wizard.iexclude')}
        hint={text('wizard.iexclude.hint')}
        lines={2}
      />
      <TextInput
        control={control}
        name="capture.exclude_files"
        label={text('wizard.excludeFiles')}
        hint={text('wizard.excludeFiles.hint')}
        lines={2}
      />
      <TextInput
        control={control}
        name="capture.include"
        label={text('wizard.include')}
        hint={text('wizard.include.hint')}
        lines={2}
      />
      <Flags flags={READING} />
      <div className={styles.three}>
        <SelectInput
          control={control}
          name="capture.compression"
          label={text('wizard.compression')}
          options={COMPRESSIONS.map((value) => ({ value, label: text(`wizard.compression.${value}`) }))}
        />
        <TextInput control={control} name="capture.reads" label={text('wizard.reads')} />
        <TextInput control={control} name="capture.pack" label={text('wizard.pack')} />
      </div>
    </Fold>
  );
}

/** Whether something of what is folded is not as usual. */
function isUnusual(capture: Draft['capture']): boolean {
  const usual = captureDraftOf({});
  const fields = ['iexclude', 'exclude_files', 'include', 'compression', 'reads', 'pack'] as const;
  return (
    fields.some((field) => capture[field] !== usual[field]) || READING.some((flag) => capture.flags[flag])
  );
}
