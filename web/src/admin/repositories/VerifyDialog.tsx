import { useMemo } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, TextInput } from '../form/inputs';
import { say } from '../form/schema';
import { useStartJob } from './useStartJob';

const DEPTHS = ['metadata', 'sampled', 'full'] as const;

interface DialogProps {
  org: string;
  repository: string;
  onClose: () => void;
}

/** How deep to look, before snapshots are proved readable. */
export function VerifyDialog({ org, repository, onClose }: DialogProps) {
  const text = useAdminText();
  const [, navigate] = useLocation();
  const start = useStartJob(org);
  const schema = useMemo(
    () =>
      v.object({
        depth: v.picklist(DEPTHS),
        percent: v.pipe(
          v.string(),
          v.trim(),
          v.regex(/^([1-9]\d?|100)$/, say('upkeep.verify.percent.wrong')),
        ),
      }),
    [],
  );
  return (
    <FormDialog
      title={text('upkeep.verify')}
      verb={text('upkeep.start')}
      schema={schema}
      defaults={{ depth: 'sampled', percent: '10' }}
      onClose={onClose}
      onSubmit={async ({ depth, percent }) => {
        const job = await start({
          kind: 'verify',
          repository,
          depth: depth === 'sampled' ? { depth, percent: Number(percent) } : { depth },
        });
        navigate(toWatch.job(job.uid));
      }}
    >
      {({ control, values }) => (
        <>
          <RadioInput
            control={control}
            name="depth"
            label={text('upkeep.verify.depth')}
            options={DEPTHS.map((depth) => ({ value: depth, label: text(`upkeep.verify.${depth}`) }))}
          />
          {values.depth === 'sampled' && (
            <TextInput control={control} name="percent" label={text('upkeep.verify.percent')} />
          )}
        </>
      )}
    </FormDialog>
  );
}
