import { useMemo, useRef, useState } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, TextInput } from '../form/inputs';
import { countOrNot, gigabytesOrNot, say } from '../form/schema';
import { ConfirmByName } from '../parts/ConfirmByName';
import type { Repository } from './repositories';
import { useStartJob } from './useStartJob';

type PruneSpec = Schemas['PruneSpec'];
const WAYS = ['tell', 'prune'] as const;
/** A year: longer, and nothing would ever be removed. */
const HOURS_MAX = 8_760;

interface DialogProps {
  org: string;
  repository: Repository;
  onClose: () => void;
}

/** What a prune may do: first it only says what it would do, unless somebody wants more, and writes the repository's name. */
export function PruneDialog({ org, repository, onClose }: DialogProps) {
  const text = useAdminText();
  const [, navigate] = useLocation();
  const start = useStartJob(org);
  const [asked, setAsked] = useState<PruneSpec | null>(null);
  /** A form closes once it was sent: not while its answer is one more question. */
  const isAsking = useRef(false);
  const schema = useMemo(
    () =>
      v.object({
        way: v.picklist(WAYS),
        percent: v.pipe(v.string(), v.trim(), v.regex(/^(\d{1,2}|100)$/, say('upkeep.prune.percent.wrong'))),
        hours: countOrNot(HOURS_MAX),
        repack: gigabytesOrNot(),
      }),
    [],
  );
  const run = async (spec: PruneSpec) => {
    const job = await start({ kind: 'prune', ...spec });
    navigate(toWatch.job(job.uid));
  };
  if (asked) {
    return (
      <ConfirmByName
        isOpen
        title={text('upkeep.prune')}
        name={repository.name}
        action={text('upkeep.start')}
        onClose={onClose}
        onConfirm={() => run(asked)}
      >
        {text('upkeep.prune.confirm')}
      </ConfirmByName>
    );
  }
  return (
    <FormDialog
      title={text('upkeep.prune')}
      verb={text('action.next')}
      schema={schema}
      defaults={{ way: 'tell', percent: '5', hours: '', repack: '' }}
      onClose={() => {
        if (!isAsking.current) onClose();
      }}
      onSubmit={async ({ way, percent, hours, repack }) => {
        const spec: PruneSpec = {
          repository: repository.uid,
          max_unused_percent: Number(percent),
          max_repack_bytes: repack,
          dry_run: way === 'tell',
          ...(hours !== null && { grace_hours: hours }),
        };
        if (way === 'tell') {
          await run(spec);
          return;
        }
        isAsking.current = true;
        setAsked(spec);
      }}
    >
      {({ control }) => (
        <>
          <RadioInput
            control={control}
            name="way"
            label={text('upkeep.prune.way')}
            options={WAYS.map((value) => ({ value, label: text(`upkeep.prune.way.${value}`) }))}
          />
          <TextInput
            control={control}
            name="percent"
            label={text('upkeep.prune.percent')}
            hint={text('upkeep.prune.percent.hint')}
          />
          <TextInput
            control={control}
            name="repack"
            label={text('upkeep.prune.repack')}
            hint={text('upkeep.prune.repack.hint')}
          />
          <TextInput
            control={control}
            name="hours"
            label={text('upkeep.prune.hours')}
            hint={text('upkeep.prune.hours.hint')}
          />
        </>
      )}
    </FormDialog>
  );
}
