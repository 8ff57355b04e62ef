import { useFormContext, useWatch } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { Fold } from '../../../../ui/Fold';
import { Notice } from '../../../../ui/Status';
import { CheckboxInput, RadioInput, SelectInput, TextInput } from '../../../form/inputs';
import { useRetentionWords } from '../../words';
import { type Draft, specOf } from '../draft';
import { GROUPINGS, KEEP_RULES, WITHIN_RULES } from '../retention';
import { ScheduleFields } from '../ScheduleFields';
import styles from '../Wizard.module.css';
import type { StepProps } from './step';

/** How long snapshots are kept, and how it is proved that they can be read. */
export function Keep({ was }: StepProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const draft = useWatch<Draft>() as Draft;
  const words = useRetentionWords();
  return (
    <>
      <CheckboxInput control={control} name="isKeeping" label={text('wizard.keep')} />
      {draft.isKeeping && (
        <>
          <div className={styles.counts}>
            {KEEP_RULES.map((rule) => (
              <TextInput
                key={rule}
                control={control}
                name={`keep.${rule}`}
                label={text(`wizard.keep.${rule}`)}
              />
            ))}
          </div>
          <p className={styles.soft}>{text('wizard.keep.hint')}</p>
          <FinerRules />
        </>
      )}
      <Notice tone="neutral">{words(specOf(draft, was).retention)}</Notice>
      <CheckboxInput control={control} name="isPruning" label={text('wizard.prune')} />
      {draft.isPruning && (
        <div className={styles.inset}>
          <ScheduleFields of="prune" isShort />
        </div>
      )}
      <CheckboxInput control={control} name="isVerifying" label={text('wizard.verify')} />
      {draft.isVerifying && <Verify isSampled={draft.depth === 'sampled'} />}
    </>
  );
}

/** Rules by periods and labels, and among whom all of them count. */
function FinerRules() {
  const text = useAdminText();
  const { control, getValues } = useFormContext<Draft>();
  const { groupBy, tags, ids, ...keep } = getValues('keep');
  const isUsed =
    WITHIN_RULES.some((rule) => keep[rule] !== '') || tags + ids !== '' || groupBy !== GROUPINGS[0];
  const groupings: readonly string[] = GROUPINGS;
  return (
    <Fold title={text('wizard.keep.more')} isOpenAtFirst={isUsed}>
      <div className={styles.counts}>
        {WITHIN_RULES.map((rule) => (
          <TextInput
            key={rule}
            control={control}
            name={`keep.${rule}`}
            label={text(`wizard.keep.${rule}`)}
            placeholder="7d"
          />
        ))}
      </div>
      <p className={styles.soft}>{text('wizard.keep.period.hint')}</p>
      <TextInput
        control={control}
        name="keep.tags"
        label={text('wizard.keep.tags')}
        hint={text('wizard.keep.tags.hint')}
        lines={2}
      />
      <TextInput
        control={control}
        name="keep.ids"
        label={text('wizard.keep.ids')}
        hint={text('wizard.keep.ids.hint')}
        lines={2}
      />
      <div className={styles.narrow}>
        <SelectInput
          control={control}
          name="keep.groupBy"
          label={text('wizard.keep.groupBy')}
          options={[
            ...GROUPINGS.map((value) => ({ value, label: text(`groupBy.${value}`) })),
            // Another order of the same words: it is kept as it is said.
            ...(groupings.includes(groupBy) ? [] : [{ value: groupBy, label: groupBy }]),
          ]}
        />
      </div>
    </Fold>
  );
}

function Verify({ isSampled }: { isSampled: boolean }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <div className={styles.inset}>
      <RadioInput
        control={control}
        name="depth"
        label={text('wizard.depth')}
        options={(['metadata', 'sampled', 'full'] as const).map((value) => ({
          value,
          label: text(`wizard.depth.${value}`),
        }))}
      />
      {isSampled && (
        <div className={styles.narrow}>
          <TextInput control={control} name="percent" label={text('wizard.percent')} />
        </div>
      )}
      <ScheduleFields of="verify" isShort />
    </div>
  );
}
