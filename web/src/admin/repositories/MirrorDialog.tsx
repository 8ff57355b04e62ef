import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Notice } from '../../ui/Status';
import { FormDialog } from '../form/FormDialog';
import { CheckboxInput, SelectInput } from '../form/inputs';
import { say } from '../form/schema';
import { repositoriesQuery } from '../names';
import { useStartJob } from './useStartJob';

interface DialogProps {
  org: string;
  repository: string;
  onClose: () => void;
}

/** Where to copy a repository to, file by file. */
export function MirrorDialog({ org, repository, onClose }: DialogProps) {
  const text = useAdminText();
  const [, navigate] = useLocation();
  const start = useStartJob(org);
  const all = useQuery(repositoriesQuery(org));
  const others = (all.data ?? []).filter((one) => one.uid !== repository);
  const schema = useMemo(
    () =>
      v.object({
        to: v.pipe(v.nullable(v.string()), v.string(say('form.required'))),
        delete: v.boolean(),
      }),
    [],
  );
  return (
    <FormDialog
      title={text('upkeep.mirror')}
      verb={text('upkeep.start')}
      schema={schema}
      defaults={{ to: null, delete: false }}
      onClose={onClose}
      onSubmit={async (values) => {
        const job = await start({ kind: 'mirror', from: repository, ...values });
        navigate(toWatch.job(job.uid));
      }}
    >
      {({ control }) =>
        others.length === 0 ? (
          <Notice tone="neutral">{text('upkeep.mirror.none')}</Notice>
        ) : (
          <>
            <SelectInput
              control={control}
              name="to"
              label={text('upkeep.mirror.to')}
              options={others.map((one) => ({ value: one.uid, label: one.name }))}
            />
            <CheckboxInput control={control} name="delete" label={text('upkeep.mirror.delete')} />
          </>
        )
      }
    </FormDialog>
  );
}
