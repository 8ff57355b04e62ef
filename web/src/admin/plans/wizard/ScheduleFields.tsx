import { useController, useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { Button, IconButton } from '../../../ui/Button';
import { Fold } from '../../../ui/Fold';
import { RadioInput, TextInput } from '../../form/inputs';
import { BlackoutsInput } from './BlackoutsInput';
import type { Draft } from './draft';
import { RuleFields, type Which } from './RuleFields';
import { newRule, RULE_KINDS } from './rule';
import { WindowsInput } from './WindowsInput';
import styles from './Wizard.module.css';
import { ZoneField } from './ZoneField';

const RULES_MAX = 32;
const KINDS = RULE_KINDS.filter((kind) => kind !== 'never');

interface ScheduleProps {
  of: Which;
  /** What matters less is folded, and it is not asked whether it runs at all: that was asked before. */
  isShort?: boolean;
}

/** When something runs: one rule or some. */
export function ScheduleFields({ of, isShort = false }: ScheduleProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const { fields, append, remove } = useFieldArray({ control, name: `${of}.rules` });
  const kind = useWatch({ control, name: `${of}.rules.0.kind` });
  const isAlone = fields.length === 1;
  return (
    <div className={styles.fields}>
      {fields.map((field, index) => (
        <div key={field.id} className={isAlone ? undefined : styles.item}>
          <div className={styles.fields}>
            <RuleFields
              name={`${of}.rules.${index}`}
              kinds={isAlone && !isShort ? [...KINDS, 'never'] : KINDS}
            />
          </div>
          {!isAlone && (
            <IconButton
              isSmall
              icon="close"
              aria-label={text('wizard.rule.remove', { n: index + 1 })}
              onPress={() => remove(index)}
            />
          )}
        </div>
      ))}
      {kind !== 'never' && (
        <>
          {fields.length < RULES_MAX && (
            <div>
              <Button isSmall icon="plus" onPress={() => append(newRule('day', '12:00'))}>
                {text('wizard.rule.add')}
              </Button>
            </div>
          )}
          <Zone of={of} />
          {isShort ? (
            <Fold title={text('wizard.conditions')} isOpenAtFirst={false}>
              <Conditions of={of} />
            </Fold>
          ) : (
            <Conditions of={of} />
          )}
        </>
      )}
    </div>
  );
}

function Zone({ of }: { of: Which }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const zone = useWatch({ control, name: `${of}.zone` });
  const place = useController({ control, name: `${of}.place` }).field;
  return (
    <>
      <RadioInput
        control={control}
        name={`${of}.zone`}
        label={text('wizard.zone')}
        options={[
          { value: 'agent', label: text('wizard.zone.agent') },
          { value: 'named', label: text('wizard.zone.named') },
        ]}
      />
      {zone === 'named' && (
        <ZoneField label={text('wizard.zone.place')} value={place.value} onChange={place.onChange} />
      )}
    </>
  );
}

/** What else decides whether and when a run begins. */
function Conditions({ of }: { of: Which }) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const missed = useWatch({ control, name: `${of}.missed` });
  return (
    <>
      <div className={styles.narrow}>
        <TextInput
          control={control}
          name={`${of}.jitter`}
          label={text('wizard.jitter')}
          hint={text('wizard.jitter.hint')}
        />
      </div>
      <RadioInput
        control={control}
        name={`${of}.missed`}
        label={text('wizard.missed')}
        options={(['once', 'skip', 'all'] as const).map((value) => ({
          value,
          label: text(`wizard.missed.${value}`),
        }))}
      />
      {missed === 'all' && (
        <div className={styles.narrow}>
          <TextInput control={control} name={`${of}.missedMost`} label={text('wizard.missedMost')} />
        </div>
      )}
      <WindowsInput of={of} />
      <BlackoutsInput of={of} />
    </>
  );
}
