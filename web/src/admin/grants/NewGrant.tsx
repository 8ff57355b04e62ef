import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { api, ask, newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import type { GrantsState } from '../../routes/adminKeep';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, SelectInput, TextInput } from '../form/inputs';
import { sourcesQuery } from '../names';
import { useChange } from '../parts/useChange';
import { usePeople } from '../users/people';
import { GrantTerms } from './GrantTerms';
import { newGrantSchema, noTerms } from './grants';

interface NewGrantProps {
  org: string;
  /** What the list is narrowed to is what is granted first. */
  filter: GrantsState;
  onClose: () => void;
}

export function NewGrant({ org, filter, onClose }: NewGrantProps) {
  const text = useAdminText();
  const change = useChange(org);
  const key = useRef(newKey());
  const people = usePeople(org).all ?? [];
  const sources = useQuery(sourcesQuery(org)).data ?? [];
  const schema = useMemo(newGrantSchema, []);
  return (
    <FormDialog
      title={text('grants.add')}
      verb={text('grants.add')}
      schema={schema}
      defaults={{
        user: filter.user || null,
        source: filter.source || null,
        path: '/',
        effect: 'allow',
        ...noTerms,
      }}
      onClose={onClose}
      onSubmit={async (body) => {
        await change(
          () =>
            ask(() =>
              api.POST('/api/v1/orgs/{org}/grants', {
                params: { path: { org } },
                body,
                headers: key.current,
              }),
            ),
          text('grants.made'),
          ['grants'],
        );
      }}
    >
      {({ control, values }) => (
        <>
          <SelectInput
            control={control}
            name="user"
            label={text('grants.user')}
            options={people.map((one) => ({ value: one.uid, label: `${one.name} (${one.email})` }))}
          />
          <SelectInput
            control={control}
            name="source"
            label={text('grants.source')}
            options={sources.map((one) => ({ value: one.uid, label: one.name }))}
          />
          <TextInput
            control={control}
            name="path"
            label={text('grants.path')}
            hint={text('grants.path.hint')}
          />
          <RadioInput
            control={control}
            name="effect"
            label={text('grants.effect')}
            options={[
              { value: 'allow', label: text('grants.effect.allow') },
              { value: 'deny', label: text('grants.effect.deny') },
            ]}
          />
          <GrantTerms control={control} takes={values.effect === 'deny'} />
        </>
      )}
    </FormDialog>
  );
}
