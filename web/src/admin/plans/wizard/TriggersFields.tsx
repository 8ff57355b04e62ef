import { useQuery } from '@tanstack/react-query';
import { useFieldArray, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Button, IconButton } from '../../../ui/Button';
import type { Option } from '../../../ui/Choice';
import { useOrgUid } from '../../console';
import { CheckboxInput, SelectInput, TextInput } from '../../form/inputs';
import { plansQuery } from '../../names';
import type { Draft } from './draft';
import { AFTER_ENDS, TRIGGERS_MAX } from './triggers';
import styles from './Wizard.module.css';

interface TriggersProps {
  /** The plan itself, which neither follows itself nor waits for itself. */
  own: string | null;
}

/** What sets the plan going beside its schedule, and what it waits for. */
export function TriggersFields({ own }: TriggersProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const plans = useQuery(plansQuery(useOrgUid())).data ?? [];
  const options = plans
    .filter(({ uid }) => uid !== own)
    .map(({ uid, name }) => ({ value: uid, label: name }));
  return (
    <>
      <After options={options} />
      <DependsOn options={options} />
      <TextInput
        control={control}
        name="events"
        label={text('wizard.events')}
        hint={text('wizard.events.hint')}
        lines={2}
      />
    </>
  );
}

interface PlansProps {
  options: readonly Option<string>[];
}

function After({ options }: PlansProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: 'after' });
  return (
    <fieldset className={styles.set}>
      <legend>{text('wizard.after')}</legend>
      <p className={styles.soft}>{text('wizard.after.words')}</p>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.row}>
          <SelectInput
            control={control}
            name={`after.${index}.plan`}
            label={text('jobs.plan')}
            options={options}
          />
          <SelectInput
            control={control}
            name={`after.${index}.when`}
            label={text('wizard.after.when')}
            options={AFTER_ENDS.map((value) => ({ value, label: text(`after.when.${value}`) }))}
          />
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.after.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      <Add
        options={options}
        isFull={fields.length >= TRIGGERS_MAX}
        label={text('wizard.after.add')}
        onAdd={(plan) => append({ plan, when: 'succeeded' })}
      />
    </fieldset>
  );
}

function DependsOn({ options }: PlansProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: 'dependsOn' });
  return (
    <fieldset className={styles.set}>
      <legend>{text('wizard.dependsOn')}</legend>
      <p className={styles.soft}>{text('wizard.dependsOn.words')}</p>
      {fields.map((field, index) => (
        <div key={field.id} className={styles.row}>
          <SelectInput
            control={control}
            name={`dependsOn.${index}.plan`}
            label={text('jobs.plan')}
            options={options}
          />
          <CheckboxInput
            control={control}
            name={`dependsOn.${index}.mustSucceed`}
            label={text('wizard.dependsOn.mustSucceed')}
          />
          <IconButton
            isSmall
            icon="close"
            aria-label={text('wizard.dependsOn.remove', { n: index + 1 })}
            onPress={() => remove(index)}
          />
        </div>
      ))}
      <Add
        options={options}
        isFull={fields.length >= TRIGGERS_MAX}
        label={text('wizard.dependsOn.add')}
        onAdd={(plan) => append({ plan, mustSucceed: false })}
      />
    </fieldset>
  );
}

interface AddProps extends PlansProps {
  isFull: boolean;
  label: string;
  onAdd: (plan: string) => void;
}

function Add({ options: [first], isFull, label, onAdd }: AddProps) {
  const text = useAdminText();
  if (!first) return <p className={styles.soft}>{text('wizard.plans.none')}</p>;
  if (isFull) return null;
  return (
    <div>
      <Button isSmall icon="plus" onPress={() => onAdd(first.value)}>
        {label}
      </Button>
    </div>
  );
}
