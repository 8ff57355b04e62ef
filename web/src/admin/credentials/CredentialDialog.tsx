import { useMemo, useRef } from 'react';
import { api, ask, askTagged, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { FormDialog } from '../form/FormDialog';
import { CheckboxInput, SelectInput, TextInput } from '../form/inputs';
import type { ServerForm } from '../form/useServerForm';
import { useChange } from '../parts/useChange';
import type { StorageCredential } from './credentials';
import { KINDS, type Kind, secretDefaults, secretSchema } from './secret';

interface DialogProps {
  org: string;
  /** Another secret for this one; without it, a new credential. */
  replaced?: StorageCredential;
  onClose: () => void;
}

/** What a storage wants from whoever comes. */
export function CredentialDialog({ org, replaced, onClose }: DialogProps) {
  const text = useAdminText();
  const change = useChange(org);
  const key = useRef(newKey());
  const schema = useMemo(secretSchema, []);
  const kind = KINDS.find((one) => one === replaced?.kind) ?? 's3';
  return (
    <FormDialog
      title={replaced ? text('credentials.replace.title', { name: replaced.name }) : text('credentials.add')}
      verb={replaced ? text('credentials.replace') : text('action.save')}
      schema={schema}
      defaults={{ ...secretDefaults, kind, name: replaced?.name ?? '' }}
      onClose={onClose}
      onSubmit={async (body) => {
        await change(
          () => (replaced ? put(org, replaced.uid, body) : post(org, body, key.current)),
          text(replaced ? 'credentials.replaced' : 'credentials.kept', { name: body.name }),
          ['storage-credentials'],
        );
      }}
    >
      {(form) => (
        <>
          {replaced ? (
            <p>{text('credentials.replace.words')}</p>
          ) : (
            <>
              <TextInput control={form.control} name="name" label={text('credentials.name')} autoFocus />
              <SelectInput
                control={form.control}
                name="kind"
                label={text('credentials.kind')}
                options={KINDS.map((one) => ({ value: one, label: text(`credentials.kind.${one}`) }))}
              />
            </>
          )}
          <SecretInputs kind={form.values.kind} control={form.control} />
        </>
      )}
    </FormDialog>
  );
}

type Body = Parameters<typeof post>[1];

const post = (org: string, body: Schemas['NewStorageCredentialBody'], headers: HeadersInit) =>
  ask(() => api.POST('/api/v1/orgs/{org}/storage-credentials', { params: { path: { org } }, body, headers }));

/** Read anew just before: there is nothing in the list of which the secret could be a change. */
async function put(org: string, credential: string, body: Body) {
  const path = { org, credential };
  const { tag } = await askTagged(() =>
    api.GET('/api/v1/orgs/{org}/storage-credentials/{credential}', { params: { path } }),
  );
  return ask(() =>
    api.PUT('/api/v1/orgs/{org}/storage-credentials/{credential}', {
      params: { path, header: { 'If-Match': tag } },
      body,
    }),
  );
}

function SecretInputs({
  kind,
  control,
}: {
  kind: Kind;
  control: ServerForm<ReturnType<typeof secretSchema>>['control'];
}) {
  const text = useAdminText();
  if (kind === 's3') {
    return (
      <>
        <TextInput control={control} name="access_key" label={text('credentials.accessKey')} />
        <TextInput
          control={control}
          name="secret_key"
          type="password"
          label={text('credentials.secretKey')}
        />
        <TextInput
          control={control}
          name="region"
          label={text('credentials.region')}
          hint={text('credentials.region.hint')}
        />
        <CheckboxInput control={control} name="path_style" label={text('credentials.pathStyle')} />
      </>
    );
  }
  if (kind === 'rest') {
    return (
      <>
        <TextInput control={control} name="user" label={text('credentials.user')} />
        <TextInput control={control} name="password" type="password" label={text('credentials.password')} />
      </>
    );
  }
  return (
    <>
      <TextInput
        control={control}
        name="known_hosts"
        lines={3}
        label={text('credentials.knownHosts')}
        hint={text('credentials.knownHosts.hint')}
      />
      <TextInput
        control={control}
        name="user"
        label={text('credentials.user')}
        hint={text('credentials.user.hint')}
      />
      <TextInput
        control={control}
        name="private_key"
        lines={4}
        label={text('credentials.privateKey')}
        hint={text('credentials.privateKey.hint')}
      />
      <TextInput control={control} name="passphrase" type="password" label={text('credentials.passphrase')} />
      <TextInput control={control} name="password" type="password" label={text('credentials.password')} />
    </>
  );
}
