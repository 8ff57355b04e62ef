import type { Control } from 'react-hook-form';
import { useFormState } from 'react-hook-form';
import { useAdminText } from '../../i18n/admin';
import styles from '../form/Form.module.css';
import { CheckboxInput, TextInput } from '../form/inputs';
import { type noTerms, USES } from './grants';

type Written = typeof noTerms;

/** What a grant is for, and how much of it. */
export function GrantTerms<Values extends Written>({
  control,
  takes,
}: {
  /** What is taken is taken whole: nothing narrows it. */
  takes: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: what the form becomes does not matter here
  control: Control<Values, unknown, any>;
}) {
  const text = useAdminText();
  // Forms of more than the terms have these fields too.
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const own = control as unknown as Control<Written, unknown, any>;
  const { errors } = useFormState({ control: own });
  const wrong = errors.see?.message;
  return (
    <>
      <fieldset className={styles.checks} aria-describedby={wrong ? 'uses-wrong' : undefined}>
        <legend>{text('grants.uses')}</legend>
        {USES.map((use) => (
          <CheckboxInput key={use} control={own} name={use} label={text(`grants.use.${use}`)} />
        ))}
        {wrong && (
          <p id="uses-wrong" role="alert" className={styles.wrong}>
            {text('grants.uses.none')}
          </p>
        )}
      </fieldset>
      {!takes && <Limits control={own} />}
    </>
  );
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function Limits({ control: own }: { control: Control<Written, unknown, any> }) {
  const text = useAdminText();
  return (
    <>
      <TextInput control={own} name="owner" label={text('grants.owner')} hint={text('grants.owner.hint')} />
      <div className={styles.pair}>
        <TextInput
          control={own}
          name="history_days"
          label={text('grants.history')}
          hint={text('grants.unlimited')}
        />
        <TextInput
          control={own}
          name="bytes_per_day"
          label={text('grants.bytes')}
          hint={text('grants.unlimited')}
        />
        <TextInput
          control={own}
          name="downloads"
          label={text('grants.downloads')}
          hint={text('grants.unlimited')}
        />
      </div>
    </>
  );
}
