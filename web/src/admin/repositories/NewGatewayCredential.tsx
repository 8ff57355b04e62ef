import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import * as v from 'valibot';
import { api, ask, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, TextInput } from '../form/inputs';
import { dayOrNot, line } from '../form/schema';
import { ofOrg } from '../keys';

/** What a gateway credential may be used for, the narrower rights first. */
export const ACCESSES = ['append-only', 'read-only', 'full'] as const;

interface NewProps {
  org: string;
  repository: string;
  onMade: (made: Schemas['MadeGatewayCredentialBody']) => void;
  onClose: () => void;
}

export function NewGatewayCredential({ org, repository, onMade, onClose }: NewProps) {
  const text = useAdminText();
  const queries = useQueryClient();
  const key = useRef(newKey());
  const schema = useMemo(
    () => v.object({ name: line(), access: v.picklist(ACCESSES), expires_at: dayOrNot() }),
    [],
  );
  return (
    <FormDialog
      title={text('gateway.add')}
      verb={text('gateway.add')}
      schema={schema}
      defaults={{ name: '', access: 'append-only', expires_at: '' }}
      onClose={onClose}
      onSubmit={async ({ expires_at, ...rest }) => {
        const made = await ask(() =>
          api.POST('/api/v1/orgs/{org}/repositories/{repository}/gateway-credentials', {
            params: { path: { org, repository } },
            body: { ...rest, ...(expires_at && { expires_at }) },
            headers: key.current,
          }),
        );
        void queries.invalidateQueries({ queryKey: ofOrg(org, 'gateway-credentials') });
        onMade(made);
      }}
    >
      {({ control }) => (
        <>
          <TextInput
            control={control}
            name="name"
            label={text('gateway.name')}
            hint={text('gateway.name.hint')}
            autoFocus
          />
          <RadioInput
            control={control}
            name="access"
            label={text('gateway.access')}
            options={ACCESSES.map((access) => ({
              value: access,
              label: text(`gateway.access.${access}`),
              hint: text(`gateway.access.${access}.hint`),
            }))}
          />
          <TextInput
            control={control}
            name="expires_at"
            type="date"
            label={text('gateway.expires')}
            hint={text('gateway.expires.hint')}
          />
        </>
      )}
    </FormDialog>
  );
}
