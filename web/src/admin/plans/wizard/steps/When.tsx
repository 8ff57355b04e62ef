import { useFormContext, useWatch } from 'react-hook-form';
import { useAdminText } from '../../../../i18n/admin';
import { Fold } from '../../../../ui/Fold';
import { Notice } from '../../../../ui/Status';
import { useScheduleWords } from '../../words';
import { type Draft, specOf } from '../draft';
import { Preview } from '../Preview';
import { ScheduleFields } from '../ScheduleFields';
import { TriggersFields } from '../TriggersFields';
import styles from '../Wizard.module.css';
import type { StepProps } from './step';

/** When it runs, said in a sentence and shown as its next runs. */
export function When({ was, own }: StepProps) {
  const text = useAdminText();
  const draft = useWatch<Draft>() as Draft;
  const { getValues } = useFormContext<Draft>();
  const words = useScheduleWords();
  const { after, dependsOn, events } = getValues();
  return (
    <div className={styles.beside}>
      <div className={styles.fields}>
        <ScheduleFields of="schedule" />
        <Fold
          title={text('wizard.triggers')}
          isOpenAtFirst={after.length + dependsOn.length > 0 || events !== ''}
        >
          <TriggersFields own={own} />
        </Fold>
      </div>
      <div className={styles.fields}>
        <Notice tone="neutral">{words(specOf(draft, was).schedule)}</Notice>
        <Preview was={was} only="backup" />
      </div>
    </div>
  );
}
