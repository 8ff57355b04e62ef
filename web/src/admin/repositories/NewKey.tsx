import { useMemo, useRef } from 'react';
import * as v from 'valibot';
import { api, ask, newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, TextInput } from '../form/inputs';
import { line, lineOrNot, say } from '../form/schema';
import { useChange } from '../parts/useChange';
import type { MadeRepositoryKey } from './repositories';

const KINDS = ['password', 'recovery'] as const;

interface NewKeyProps {
  org: string;
  repository: string;
  onMade: (made: MadeRepositoryKey) => void;
  onClose: () => void;
}

/** One more password that opens a repository: one that somebody has, or one for the safe. */
export function NewKey({ org, repository, onMade, onClose }: NewKeyProps) {
  const text = useAdminText();
  const change = useChange(org);
  const key = useRef(newKey());
  const schema = useMemo(
    () =>
      v.pipe(
        v.object({
          kind: v.picklist(KINDS),
          user: line(),
          host: lineOrNot(),
          password: v.pipe(v.string(), v.maxLength(1000, say('form.long'))),
        }),
        v.forward(
          v.check(({ kind, password }) => kind === 'recovery' || password !== '', say('form.required')),
          ['password'],
        ),
      ),
    [],
  );
  return (
    <FormDialog
      title={text('repositoryKeys.add')}
      verb={text('repositoryKeys.add')}
      schema={schema}
      defaults={{ kind: 'password', user: '', host: '', password: '' }}
      onClose={onClose}
      onSubmit={async ({ kind, user, host, password }) => {
        const made = await change(
          () =>
            ask(() =>
              api.POST('/api/v1/orgs/{org}/repositories/{repository}/keys', {
                params: { path: { org, repository } },
                body: kind === 'recovery' ? { kind, user, host } : { kind, user, host, password },
                headers: key.current,
              }),
            ),
          text('repositoryKeys.added', { name: user }),
          ['repository-keys'],
        );
        onMade(made);
      }}
    >
      {({ control, values }) => (
        <>
          <TextInput
            control={control}
            name="user"
            label={text('repositoryKeys.user')}
            hint={text('repositoryKeys.user.hint')}
            autoFocus
          />
          <TextInput
            control={control}
            name="host"
            label={text('repositoryKeys.host')}
            hint={text('repositoryKeys.host.hint')}
          />
          <RadioInput
            control={control}
            name="kind"
            label={text('repositoryKeys.kind')}
            options={KINDS.map((kind) => ({
              value: kind,
              label: text(`repositoryKeys.kind.${kind}`),
              hint: text(`repositoryKeys.kind.${kind}.hint`),
            }))}
          />
          {values.kind === 'password' && (
            <TextInput
              control={control}
              name="password"
              type="password"
              label={text('repositoryKeys.password')}
              autoComplete="new-password"
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
