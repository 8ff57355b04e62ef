import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Notice } from '../../ui/Status';
import { FormDialog } from '../form/FormDialog';
import { SelectInput, TextInput } from '../form/inputs';
import { lineOrNot, say } from '../form/schema';
import { repositoriesQuery } from '../names';
import { useStartJob } from './useStartJob';

interface DialogProps {
  org: string;
  repository: string;
  onClose: () => void;
}

/** Where to copy snapshots to: another repository, with a key and snapshots of its own. */
export function CopyDialog({ org, repository, onClose }: DialogProps) {
  const text = useAdminText();
  const [, navigate] = useLocation();
  const start = useStartJob(org);
  const all = useQuery(repositoriesQuery(org));
  const others = (all.data ?? []).filter((one) => one.uid !== repository);
  const schema = useMemo(
    () =>
      v.object({
        to: v.pipe(v.nullable(v.string()), v.string(say('form.required'))),
        tag: lineOrNot(),
      }),
    [],
  );
  return (
    <FormDialog
      title={text('upkeep.copy')}
      verb={text('upkeep.start')}
      schema={schema}
      defaults={{ to: null, tag: '' }}
      onClose={onClose}
      onSubmit={async ({ to, tag }) => {
        const job = await start({ kind: 'copy', from: repository, to, tag: tag || null });
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
              label={text('upkeep.copy.to')}
              options={others.map((one) => ({ value: one.uid, label: one.name }))}
            />
            <TextInput
              control={control}
              name="tag"
              label={text('upkeep.copy.tag')}
              hint={text('upkeep.copy.tag.hint')}
            />
          </>
        )
      }
    </FormDialog>
  );
}
