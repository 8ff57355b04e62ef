//! What each step of the wizard asks.
import { useFormContext, useWatch } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { useFormat } from '../../../i18n/format';
import { Notice } from '../../../ui/Status';
import { useOrgUid } from '../../console';
import { CheckboxInput, RadioInput, TextInput } from '../../form/inputs';
import { useNames } from '../../names';
import { Facts } from '../../parts/Facts';
import type { PlanSpec } from '../plans';
import { useDepthWords, useRetentionWords, useScheduleWords } from '../words';
import { type Draft, KEEP_RULES, specOf } from './draft';
import { Preview } from './Preview';
import { RepositoriesInput } from './RepositoriesInput';
import { ScheduleFields } from './ScheduleFields';
import { SourcesInput } from './SourcesInput';
import styles from './Wizard.module.css';

export interface StepProps {
  was: PlanSpec | null;
}

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

export function Capture() {
  const text = useAdminText();
  const { control } = useFormContext<Draft>();
  return (
    <>
      <TextInput
        control={control}
        name="exclude"
        label={text('wizard.exclude')}
        hint={text('wizard.exclude.hint')}
        lines={5}
      />
      <TextInput
        control={control}
        name="excludeIfPresent"
        label={text('wizard.excludeIfPresent')}
        hint={text('wizard.excludeIfPresent.hint')}
        lines={2}
      />
      <div className={styles.narrow}>
        <TextInput control={control} name="largerThan" label={text('wizard.largerThan')} />
      </div>
      <div className={styles.checks}>
        <CheckboxInput control={control} name="excludeCaches" label={text('wizard.excludeCaches')} />
        <CheckboxInput control={control} name="oneFileSystem" label={text('wizard.oneFileSystem')} />
        <CheckboxInput control={control} name="gitignore" label={text('wizard.gitignore')} />
        <CheckboxInput control={control} name="skipUnchanged" label={text('wizard.skipUnchanged')} />
      </div>
      <div className={styles.narrow}>
        <TextInput
          control={control}
          name="tags"
          label={text('wizard.tags')}
          hint={text('wizard.tags.hint')}
        />
      </div>
    </>
  );
}

export const Where = RepositoriesInput;

export function When({ was }: StepProps) {
  const draft = useWatch<Draft>() as Draft;
  const words = useScheduleWords();
  return (
    <div className={styles.beside}>
      <ScheduleFields of="schedule" />
      <div className={styles.fields}>
        <Notice tone="neutral">{words(specOf(draft, was).schedule)}</Notice>
        <Preview was={was} only="backup" />
      </div>
    </div>
  );
}

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
      {draft.isVerifying && (
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
          {draft.depth === 'sampled' && (
            <div className={styles.narrow}>
              <TextInput control={control} name="percent" label={text('wizard.percent')} />
            </div>
          )}
          <ScheduleFields of="verify" isShort />
        </div>
      )}
    </>
  );
}

export function Check({ was }: StepProps) {
  const text = useAdminText();
  const format = useFormat();
  const { control } = useFormContext<Draft>();
  const draft = useWatch<Draft>() as Draft;
  const names = useNames(useOrgUid());
  const scheduleWords = useScheduleWords();
  const retentionWords = useRetentionWords();
  const depthWords = useDepthWords();
  const spec = specOf(draft, was);
  const excludes = spec.capture?.exclude ?? [];
  const named = (uids: readonly string[], name: (uid: string) => string | undefined) =>
    format.list(uids.map((uid) => name(uid) ?? '…'));
  return (
    <>
      <Facts
        facts={[
          { name: text('wizard.name'), value: draft.name },
          { name: text('plans.sources'), value: named(spec.sources, names.source) },
          { name: text('plans.repositories'), value: named(spec.repositories, names.repository) },
          { name: text('plans.when'), value: scheduleWords(spec.schedule) },
          { name: text('plans.keeps'), value: retentionWords(spec.retention) },
          { name: text('plan.prune'), value: spec.prune ? scheduleWords(spec.prune) : null },
          {
            name: text('plan.verify'),
            value: spec.verify
              ? `${scheduleWords(spec.verify.schedule)} ${depthWords(spec.verify.depth)}`
              : null,
          },
          { name: text('plan.left'), value: excludes.length > 0 ? <code>{excludes.join('  ')}</code> : null },
        ]}
      />
      {draft.isKeeping && !draft.isPruning && <Notice tone="warn">{text('wizard.warn.noPrune')}</Notice>}
      {!draft.isVerifying && <Notice tone="warn">{text('wizard.warn.noVerify')}</Notice>}
      <CheckboxInput control={control} name="enabled" label={text('wizard.enabled')} />
      <Preview was={was} />
    </>
  );
}
