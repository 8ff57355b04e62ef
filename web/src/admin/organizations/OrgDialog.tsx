import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import * as v from 'valibot';
import { api, ask, askTagged, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useTell } from '../../ui/Toast';
import styles from '../form/Form.module.css';
import { FormDialog } from '../form/FormDialog';
import { CheckboxInput, TextInput } from '../form/inputs';
import { line, slug } from '../form/schema';
import { orgsQuery } from '../orgs';
import { useMay } from '../rights';
import { quotaFields, writtenQuota } from './quota';

type Org = Schemas['OrgBody'];

/** Makes an organization, or changes one. Its limits are for whoever runs the installation. */
export function OrgDialog({ changed, onClose }: { changed?: Org; onClose: () => void }) {
  const text = useAdminText();
  const tell = useTell();
  const may = useMay();
  const queries = useQueryClient();
  const key = useRef(newKey());
  const setsQuota = may('create', 'organization');
  const schema = useMemo(
    () => v.object({ name: slug(), title: line(), restore_approval: v.boolean(), ...quotaFields }),
    [],
  );
  return (
    <FormDialog
      title={changed?.title ?? text('orgs.add')}
      verb={text('action.save')}
      schema={schema}
      defaults={{
        name: changed?.name ?? '',
        title: changed?.title ?? '',
        restore_approval: changed?.restore_approval ?? false,
        ...writtenQuota(changed?.quota),
      }}
      onClose={onClose}
      onSubmit={async ({ name, title, restore_approval, ...quota }) => {
        if (changed) await change(changed.uid, { title, restore_approval, ...(setsQuota && { quota }) });
        else {
          const body = { name, title, quota };
          await ask(() => api.POST('/api/v1/orgs', { body, headers: key.current }));
        }
        await queries.invalidateQueries({ queryKey: orgsQuery.queryKey });
        tell('good', text(changed ? 'orgs.changed' : 'orgs.made', { name: title }));
      }}
    >
      {({ control }) => (
        <>
          <TextInput control={control} name="title" label={text('orgs.title')} autoFocus />
          {!changed && (
            <TextInput
              control={control}
              name="name"
              label={text('orgs.name')}
              hint={text('orgs.name.hint')}
            />
          )}
          {changed && (
            <CheckboxInput control={control} name="restore_approval" label={text('organization.approval')} />
          )}
          {setsQuota && (
            <>
              <h3>{text('orgs.quota')}</h3>
              <div className={styles.pair}>
                <TextInput
                  control={control}
                  name="bytes_max"
                  label={text('orgs.quota.bytes')}
                  hint={text('orgs.quota.empty')}
                />
                <TextInput
                  control={control}
                  name="agents_max"
                  label={text('orgs.quota.agents')}
                  hint={text('orgs.quota.empty')}
                />
                <TextInput
                  control={control}
                  name="jobs_max"
                  label={text('orgs.quota.jobs')}
                  hint={text('orgs.quota.empty')}
                />
              </div>
            </>
          )}
        </>
      )}
    </FormDialog>
  );
}

async function change(org: string, body: Schemas['OrgChangeBody']): Promise<void> {
  const path = { org };
  const { tag } = await askTagged(() => api.GET('/api/v1/orgs/{org}', { params: { path } }));
  await ask(() => api.PATCH('/api/v1/orgs/{org}', { params: { path, header: { 'If-Match': tag } }, body }));
}
