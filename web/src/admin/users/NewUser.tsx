import { useMemo, useRef } from 'react';
import * as v from 'valibot';
import { api, ask, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, TextInput } from '../form/inputs';
import { email, line } from '../form/schema';
import { useChange } from '../parts/useChange';
import { ROLES, type Role } from '../rights';
import { askForLink } from './calls';
import type { Person } from './people';

interface NewUserProps {
  /** Null: of those who run the installation. */
  org: string | null;
  roles: readonly Role[];
  onMade: (person: Person, link: Schemas['LinkBody']) => void;
  onClose: () => void;
}

export function NewUser({ org, roles, onMade, onClose }: NewUserProps) {
  const text = useAdminText();
  const change = useChange(org);
  const key = useRef(newKey());
  const schema = useMemo(() => v.object({ name: line(), email: email(), role: v.picklist(ROLES) }), []);
  return (
    <FormDialog
      title={text('users.add')}
      verb={text('users.add')}
      schema={schema}
      defaults={{ name: '', email: '', role: roles[0] ?? 'user' }}
      onClose={onClose}
      onSubmit={async (body) => {
        const person = await change(
          () =>
            ask(() =>
              org === null
                ? api.POST('/api/v1/users', { body, headers: key.current })
                : api.POST('/api/v1/orgs/{org}/users', {
                    params: { path: { org } },
                    body,
                    headers: key.current,
                  }),
            ),
          text('users.added', { name: body.name }),
          ['users'],
        );
        // Somebody who may not prove themselves again now makes the link later, from the person's page.
        const link = await askForLink(org, person.uid).catch(() => null);
        if (link) onMade(person, link);
      }}
    >
      {({ control }) => (
        <>
          <TextInput control={control} name="name" label={text('users.name')} autoFocus />
          <TextInput control={control} name="email" type="email" label={text('users.email')} />
          {roles.length > 1 && (
            <RadioInput
              control={control}
              name="role"
              label={text('users.role')}
              options={roles.map((role) => ({
                value: role,
                label: text(`role.${role}`),
                hint: text(`roles.${role}.words`),
              }))}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
