import { useFormContext, useWatch } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { Notice } from '../../../../ui/Status';
import { CheckboxInput } from '../../../form/inputs';
import { Facts } from '../../../parts/Facts';
import { useSpecFacts } from '../../useSpecFacts';
import { useScheduleWords } from '../../words';
import { type Draft, specOf } from '../draft';
import { Preview } from '../Preview';
import type { StepProps } from './step';

/** All of it once more, before it is kept. */
export function Check({ was }: StepProps) {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  const draft = useWatch<Draft>() as Draft;
  const factsOf = useSpecFacts();
  const scheduleWords = useScheduleWords();
  const spec = specOf(draft, was);
  return (
    <>
      <Facts
        facts={[
          { name: text('wizard.name'), value: draft.name },
          { name: text('plans.when'), value: scheduleWords(spec.schedule) },
          ...factsOf(spec),
        ]}
      />
      {draft.isKeeping && !draft.isPruning && <Notice tone="warn">{text('wizard.warn.noPrune')}</Notice>}
      {!draft.isVerifying && <Notice tone="warn">{text('wizard.warn.noVerify')}</Notice>}
      <CheckboxInput control={control} name="enabled" label={text('wizard.enabled')} />
      <Preview was={was} />
    </>
  );
}
