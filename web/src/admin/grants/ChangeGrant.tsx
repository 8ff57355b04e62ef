import { useMemo } from 'react';
import { api, ask, askTagged } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { FormDialog } from '../form/FormDialog';
import { asGigabytes } from '../form/schema';
import { useChange } from '../parts/useChange';
import { GrantTerms } from './GrantTerms';
import { type Grant, grantTermsSchema } from './grants';

interface ChangeGrantProps {
  org: string;
  grant: Grant;
  title: string;
  onClose: () => void;
}

/** What a grant is for can be changed; whose it is, and where, is another grant. */
export function ChangeGrant({ org, grant, title, onClose }: ChangeGrantProps) {
  const text = useAdminText();
  const change = useChange(org);
  const schema = useMemo(grantTermsSchema, []);
  const path = { org, grant: grant.uid };
  const uses = new Set(grant.actions);
  return (
    <FormDialog
      title={title}
      verb={text('action.save')}
      schema={schema}
      defaults={{
        see: uses.has('see'),
        preview: uses.has('preview'),
        download: uses.has('download'),
        restore: uses.has('restore'),
        owner: grant.owner ?? '',
        history_days: grant.history_days == null ? '' : String(grant.history_days),
        bytes_per_day: asGigabytes(grant.bytes_per_day),
        downloads: grant.downloads == null ? '' : String(grant.downloads),
      }}
      onClose={onClose}
      onSubmit={async (body) => {
        const { tag } = await askTagged(() =>
          api.GET('/api/v1/orgs/{org}/grants/{grant}', { params: { path } }),
        );
        await change(
          () =>
            ask(() =>
              api.PATCH('/api/v1/orgs/{org}/grants/{grant}', {
                params: { path, header: { 'If-Match': tag } },
                body,
              }),
            ),
          text('grants.changed'),
          ['grants'],
        );
      }}
    >
      {({ control }) => <GrantTerms control={control} takes={grant.effect === 'deny'} />}
    </FormDialog>
  );
}
