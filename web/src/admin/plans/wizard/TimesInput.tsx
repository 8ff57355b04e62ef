import { useController, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Button, IconButton } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import type { Draft } from './draft';
import type { RuleName } from './RuleFields';
import styles from './Wizard.module.css';

const TIMES_MAX = 12;

/** Times of the day, one or some. */
export function TimesInput({ of }: { of: RuleName }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { field, fieldState } = useController({ control, name: `${of}.times` });
  const times = field.value;
  const put = (index: number, time: string) =>
    field.onChange(times.map((one, at) => (at === index ? time : one)));
  return (
    <fieldset className={styles.set}>
      <legend>{text('wizard.times')}</legend>
      <div className={styles.times}>
        {times.map((time, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: times have no other identity while they are written
          <div key={index} className={styles.time}>
            <Field
              label={text('wizard.time', { n: index + 1 })}
              isLabelHidden
              placeholder="22:00"
              inputMode="numeric"
              maxLength={5}
              value={time}
              onChange={(written) => put(index, written)}
            />
            {times.length > 1 && (
              <IconButton
                isSmall
                icon="close"
                aria-label={text('wizard.time.remove', { time })}
                onPress={() => field.onChange(times.filter((_, at) => at !== index))}
              />
            )}
          </div>
        ))}
        {times.length < TIMES_MAX && (
          <Button isSmall icon="plus" onPress={() => field.onChange([...times, '12:00'])}>
            {text('wizard.time.add')}
          </Button>
        )}
      </div>
      {fieldState.error && (
        <p className={styles.error} role="alert">
          {text('wizard.wrong.times')}
        </p>
      )}
    </fieldset>
  );
}
