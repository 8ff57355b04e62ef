import { type ComponentType, useEffect, useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import { type InferOutput, safeParse } from 'valibot';
import { Problem } from '../../../api/problem';
import { useAdminText } from '../../../i18n/admin';
import { classes } from '../../../lib/classes';
import { type WizardStep, wizardState } from '../../../routes/adminWatch';
import { useSearchState } from '../../../routes/useSearchState';
import { Button } from '../../../ui/Button';
import { useErrorText } from '../../../ui/ErrorView';
import { Icon } from '../../../ui/Icon';
import { Notice } from '../../../ui/Status';
import { resolverOf } from '../../form/resolver';
import type { PlanSpec } from '../plans';
import { type Draft, draftSchema, FIELDS, STEPS, specOf } from './draft';
import { Around } from './steps/Around';
import { Capture } from './steps/Capture';
import { Check } from './steps/Check';
import { Keep } from './steps/Keep';
import type { StepProps } from './steps/step';
import { What } from './steps/What';
import { When } from './steps/When';
import { Where } from './steps/Where';
import styles from './Wizard.module.css';

const PAGES: Record<WizardStep, ComponentType<StepProps>> = {
  what: What,
  capture: Capture,
  where: Where,
  when: When,
  keep: Keep,
  around: Around,
  check: Check,
};

interface WizardProps {
  draft: Draft;
  /** What the plan said before; null: a new one. */
  was: PlanSpec | null;
  /** The plan itself; null: a new one. */
  own: string | null;
  verb: string;
  /** Told of every change: whoever keeps drafts keeps this one. */
  onWrite?: (draft: Draft) => void;
  onSave: (plan: { name: string; enabled: boolean; spec: PlanSpec }) => Promise<void>;
}

/** A plan, step by step. Steps may be taken in any order; what is wrong in one shows there, and nothing is saved before. */
export function Wizard({ draft, was, own, verb, onWrite, onSave }: WizardProps) {
  const text = useAdminText();
  const errorText = useErrorText();
  const [{ step }, setState] = useSearchState(wizardState);
  const [refusal, setRefusal] = useState<string | null>(null);
  const form = useForm<Draft, unknown, InferOutput<typeof draftSchema>>({
    resolver: resolverOf(draftSchema),
    defaultValues: draft,
    mode: 'onTouched',
  });
  const written = form.watch();
  const wrong = stepsWrong(written);
  const isWritten = form.formState.isDirty;
  useEffect(() => {
    if (isWritten) onWrite?.(written);
  }, [onWrite, written, isWritten]);

  const go = (to: WizardStep) => {
    setRefusal(null);
    setState({ step: to }, { isStep: true });
  };
  const place = STEPS.indexOf(step);
  const next = STEPS[place + 1];
  const before = STEPS[place - 1];
  const goOn = async () => {
    if (next && (await form.trigger([...FIELDS[step]], { shouldFocus: true }))) go(next);
  };
  const save = form.handleSubmit(
    async () => {
      const { name, enabled } = form.getValues();
      try {
        await onSave({ name: name.trim(), enabled, spec: specOf(form.getValues(), was) });
      } catch (error) {
        const at = error instanceof Problem ? stepOf(error.field) : undefined;
        if (at) setState({ step: at }, { isStep: true });
        setRefusal(errorText(error));
      }
    },
    () => {
      const first = wrong[0];
      if (first) go(first);
    },
  );

  const Page = PAGES[step];
  return (
    <FormProvider {...form}>
      <nav aria-label={text('wizard.steps')} className={styles.steps}>
        <ol>
          {STEPS.map((one, index) => (
            <li key={one}>
              <button
                type="button"
                className={classes(styles.step, one === step && styles.current)}
                aria-current={one === step ? 'step' : undefined}
                onClick={() => go(one)}
              >
                <span className={styles.mark}>
                  {index < place && !wrong.includes(one) ? <Icon name="check" /> : index + 1}
                </span>
                {text(`wizard.step.${one}`)}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <form
        noValidate
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void (next ? goOn() : save());
        }}
      >
        <h2>{text(`wizard.ask.${step}`)}</h2>
        {refusal && <Notice tone="bad">{refusal}</Notice>}
        {step === 'check' && wrong.length > 0 && (
          <Notice tone="warn">
            {text('wizard.wrong.steps', { steps: wrong.map((one) => text(`wizard.step.${one}`)).join(', ') })}
          </Notice>
        )}
        <Page was={was} own={own} />
        <div className={styles.actions}>
          {before && <Button onPress={() => go(before)}>{text('action.back')}</Button>}
          <Button type="submit" look="primary" isPending={form.formState.isSubmitting}>
            {next ? text('action.next') : verb}
          </Button>
        </div>
      </form>
    </FormProvider>
  );
}

/** The steps in which something is wrong, in order. */
function stepsWrong(draft: Draft): WizardStep[] {
  const checked = safeParse(draftSchema, draft);
  const fields = new Set((checked.issues ?? []).map(({ path }) => path?.[0]?.key));
  return STEPS.filter((step) => FIELDS[step].some((field) => fields.has(field)));
}

/** The step that shows what the server refuses: it names fields as in `spec.schedule.rules[0]`. */
function stepOf(field: string | undefined): WizardStep | undefined {
  const part = field?.replace(/^spec\./, '').split(/[.[]/)[0];
  switch (part) {
    case 'name':
    case 'sources':
      return 'what';
    case 'capture':
    case 'tags':
      return 'capture';
    case 'repositories':
    case 'repository_mode':
    case 'storage_class':
    case 'visibility':
      return 'where';
    case 'schedule':
    case 'rules':
    case 'events':
    case 'after':
    case 'depends_on':
      return 'when';
    case 'retention':
    case 'prune':
    case 'verify':
      return 'keep';
    case 'hooks':
    case 'limits':
    case 'attempts_max':
      return 'around';
    default:
      return undefined;
  }
}
