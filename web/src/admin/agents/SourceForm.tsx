import { useQuery } from '@tanstack/react-query';
import * as v from 'valibot';
import { api, ask, askTagged, newKey } from '../../api/client';
import { allOf } from '../../api/pages';
import { type AdminWords, useAdminText } from '../../i18n/admin';
import { useOrgUid } from '../console';
import { FormDialog } from '../form/FormDialog';
import { SelectInput, TextInput } from '../form/inputs';
import { line, lineOrNot } from '../form/schema';
import { ofOrg } from '../keys';
import { useDone } from '../parts/useDo';

const NOBODY = '';
const say = (key: keyof AdminWords): string => key;

/** Absolute on any system that agents know: `/home`, `C:\Users`, `\\server\share`. */
const isAbsolute = (path: string) => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path);

const pathsOf = (written: string): string[] =>
  written
    .split('\n')
    .map((path) => path.trim())
    .filter(Boolean);

const schema = v.object({
  name: line(),
  paths: v.pipe(
    v.string(),
    v.transform(pathsOf),
    v.check((paths) => paths.length > 0 && paths.every(isAbsolute), say('source.paths.none')),
  ),
  host: lineOrNot(),
  owner: v.string(),
  visibility: v.picklist(['owner', 'granted', 'hidden']),
});

interface SourceFormProps {
  agent: string;
  /** Null: a new one. */
  source: string | null;
  onClose: () => void;
}

/** A source is made or changed: read anew before it is changed, so that nobody's change is lost. */
export function SourceForm({ agent, source, onClose }: SourceFormProps) {
  const text = useAdminText();
  const org = useOrgUid();
  const done = useDone(org);
  const users = useUsers(org);
  const params = { path: { org, source: source ?? '' } };
  const kept = useQuery({
    queryKey: ofOrg(org, 'sources', 'one', source),
    queryFn: ({ signal }) =>
      askTagged(() => api.GET('/api/v1/orgs/{org}/sources/{source}', { params, signal })),
    enabled: source !== null,
    staleTime: 0,
    gcTime: 0,
  });
  if (source !== null && !kept.data) return null;
  const was = kept.data?.value;
  const key = newKey();

  const save = async ({ name, paths, host, owner, visibility }: v.InferOutput<typeof schema>) => {
    const body = { agent, name, paths, host: host || null, owner: owner || null, visibility };
    if (kept.data) {
      const header = { 'If-Match': kept.data.tag };
      await ask(() =>
        api.PUT('/api/v1/orgs/{org}/sources/{source}', { params: { ...params, header }, body }),
      );
    } else {
      await ask(() =>
        api.POST('/api/v1/orgs/{org}/sources', { params: { path: { org } }, body, headers: key }),
      );
    }
    await done(text('source.saved'), ['sources', 'protection']);
  };

  return (
    <FormDialog
      title={text(source === null ? 'source.add' : 'source.change.title')}
      schema={schema}
      defaults={{
        name: was?.name ?? '',
        paths: was?.paths.join('\n') ?? '',
        host: was?.host ?? '',
        owner: was?.owner ?? NOBODY,
        visibility: was?.visibility ?? 'granted',
      }}
      verb={text('action.save')}
      onSubmit={save}
      onClose={onClose}
    >
      {({ control }) => (
        <>
          <TextInput
            control={control}
            name="name"
            label={text('source.name')}
            hint={text('source.name.hint')}
            autoFocus
          />
          <TextInput
            control={control}
            name="paths"
            label={text('source.paths')}
            hint={text('source.paths.hint')}
            lines={4}
          />
          <TextInput
            control={control}
            name="host"
            label={text('source.host')}
            hint={text('source.host.hint')}
          />
          <SelectInput
            control={control}
            name="owner"
            label={text('source.owner')}
            options={[
              { value: NOBODY, label: text('source.owner.none') },
              ...users.map(({ uid, name, email }) => ({ value: uid, label: `${name} (${email})` })),
            ]}
          />
          <SelectInput
            control={control}
            name="visibility"
            label={text('source.visibility')}
            options={(['granted', 'owner', 'hidden'] as const).map((value) => ({
              value,
              label: text(`source.visibility.${value}`),
            }))}
          />
        </>
      )}
    </FormDialog>
  );
}

function useUsers(org: string) {
  const { data } = useQuery({
    queryKey: ofOrg(org, 'users', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/users', { params: { path: { org }, query }, signal })),
      ),
  });
  return data ?? [];
}
