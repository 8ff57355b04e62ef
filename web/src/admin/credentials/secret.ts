import * as v from 'valibot';
import type { Schemas } from '../../api/types';
import { line, lineOrNot, say } from '../form/schema';

export const KINDS = ['s3', 'sftp', 'rest'] as const;
export type Kind = (typeof KINDS)[number];

export const secretDefaults = {
  name: '',
  kind: 's3' as Kind,
  access_key: '',
  secret_key: '',
  region: '',
  path_style: false,
  user: '',
  password: '',
  private_key: '',
  passphrase: '',
  known_hosts: '',
};

type Written = typeof secretDefaults;

const optional = <K extends string>(name: K, value: string) =>
  (value === '' ? {} : { [name]: value }) as { [name in K]?: string };

/** Which fields a kind has to have. */
const NEEDED: Record<Kind, readonly (keyof Written)[]> = {
  s3: ['access_key', 'secret_key'],
  sftp: ['known_hosts'],
  rest: ['user', 'password'],
};

/** What is sent of what is written: the fields of its kind. */
function secretOf(written: Written): Schemas['StorageSecret'] {
  switch (written.kind) {
    case 's3':
      return {
        kind: 's3',
        access_key: written.access_key,
        secret_key: written.secret_key,
        ...optional('region', written.region),
        ...(written.path_style && { path_style: true }),
      };
    case 'sftp':
      return {
        kind: 'sftp',
        known_hosts: written.known_hosts,
        ...optional('user', written.user),
        ...optional('password', written.password),
        ...optional('private_key', written.private_key),
        ...optional('passphrase', written.passphrase),
      };
    case 'rest':
      return { kind: 'rest', user: written.user, password: written.password };
  }
}

export const secretSchema = () =>
  v.pipe(
    v.object({
      name: line(),
      kind: v.picklist(KINDS),
      access_key: lineOrNot(),
      secret_key: v.string(),
      region: lineOrNot(),
      path_style: v.boolean(),
      user: lineOrNot(),
      password: v.string(),
      private_key: v.string(),
      passphrase: v.string(),
      known_hosts: v.string(),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const name of NEEDED[dataset.value.kind]) {
        if (dataset.value[name] !== '') continue;
        addIssue({
          message: say('form.required'),
          path: [
            { type: 'object', origin: 'value', input: dataset.value, key: name, value: dataset.value[name] },
          ],
        });
      }
    }),
    v.transform((written) => ({ name: written.name, secret: secretOf(written) })),
  );
