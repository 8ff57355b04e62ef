import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Notice } from '../../ui/Status';
import { FormDialog } from '../form/FormDialog';
import { CheckboxInput, SelectInput, TextInput } from '../form/inputs';
import { chosen, lineOrNot } from '../form/schema';
import { repositoriesQuery } from '../names';
import { useStartJob } from './useStartJob';

interface DialogProps {
  /** `copy`: snapshots, to a repository with a key and snapshots of its own; `mirror`: file by file. */
  kind: 'copy' | 'mirror';
  org: string;
  repository: string;
  onClose: () => void;
}

/** What of a repository goes to another one, and to which. */
export function TransferDialog({ kind, org, repository, onClose }: DialogProps) {
  const text = useAdminText();
  const [, navigate] = useLocation();
  const start = useStartJob(org);
  const all = useQuery(repositoriesQuery(org));
  const others = (all.data ?? []).filter((one) => one.uid !== repository);
  const schema = useMemo(
    () =>
      v.object({
        to: chosen(),
        tag: lineOrNot(),
        delete: v.boolean(),
      }),
    [],
  );
  return (
    <FormDialog
      title={text(`upkeep.${kind}`)}
      verb={text('upkeep.start')}
      schema={schema}
      defaults={{ to: null, tag: '', delete: false }}
      onClose={onClose}
      onSubmit={async ({ to, tag, ...rest }) => {
        const ends = { from: repository, to };
        const job = await start(
          kind === 'copy' ? { kind, ...ends, tag: tag || null } : { kind, ...ends, delete: rest.delete },
        );
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
              label={text(`upkeep.${kind}.to`)}
              options={others.map((one) => ({ value: one.uid, label: one.name }))}
            />
            {kind === 'copy' ? (
              <TextInput
                control={control}
                name="tag"
                label={text('upkeep.copy.tag')}
                hint={text('upkeep.copy.tag.hint')}
              />
            ) : (
              <CheckboxInput control={control} name="delete" label={text('upkeep.mirror.delete')} />
            )}
          </>
        )
      }
    </FormDialog>
  );
}
