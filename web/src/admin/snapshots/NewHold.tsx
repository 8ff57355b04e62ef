import { useMemo, useRef } from 'react';
import * as v from 'valibot';
import { api, ask, newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { Notice } from '../../ui/Status';
import { FormDialog } from '../form/FormDialog';
import { TextInput } from '../form/inputs';
import { dayOrNot, line } from '../form/schema';
import { useChange } from '../parts/useChange';
import { useLocksFiles } from './HoldJob';
import type { Held, Snapshot } from './snapshots';

interface NewHoldProps {
  org: string;
  snapshot: Snapshot;
  /** With the snapshot's id from now on, and what the hold set going. */
  onHeld: (held: Held) => void;
  onClose: () => void;
}

export function NewHold({ org, snapshot, onHeld, onClose }: NewHoldProps) {
  const text = useAdminText();
  const change = useChange(org);
  const locksFiles = useLocksFiles(org, snapshot.repository);
  const key = useRef(newKey());
  const schema = useMemo(() => v.object({ case: line(1024), reason: line(1024), until: dayOrNot() }), []);
  return (
    <FormDialog
      title={text('holds.add.title')}
      verb={text('holds.add')}
      schema={schema}
      defaults={{ case: '', reason: '', until: '' }}
      onClose={onClose}
      onSubmit={async ({ until, ...rest }) => {
        const held = await change(
          () =>
            ask(() =>
              api.POST('/api/v1/orgs/{org}/repositories/{repository}/snapshots/{snapshot}/holds', {
                params: { path: { org, repository: snapshot.repository, snapshot: snapshot.id } },
                body: { ...rest, ...(until && { until }) },
                headers: key.current,
              }),
            ),
          text('holds.added', { name: rest.case }),
          ['holds', 'snapshots', 'jobs'],
        );
        onHeld(held);
      }}
    >
      {({ control }) => (
        <>
          <TextInput
            control={control}
            name="case"
            label={text('holds.case')}
            hint={text('holds.case.hint')}
            autoFocus
          />
          <TextInput control={control} name="reason" label={text('holds.reason')} lines={2} />
          <TextInput
            control={control}
            name="until"
            type="date"
            label={text('holds.until')}
            hint={text('holds.until.hint')}
          />
          {locksFiles && <Notice tone="neutral">{text('holds.add.locked')}</Notice>}
        </>
      )}
    </FormDialog>
  );
}
