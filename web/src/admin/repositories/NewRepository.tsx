import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { api, ask, newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { toKeep } from '../../routes/adminKeep';
import { Button } from '../../ui/Button';
import { ErrorNotice } from '../../ui/ErrorView';
import { Notice } from '../../ui/Status';
import { useTell } from '../../ui/Toast';
import { useOrgUid } from '../console';
import { credentialsQuery } from '../credentials/credentials';
import styles from '../form/Form.module.css';
import { RadioInput, SelectInput, TextInput } from '../form/inputs';
import { useServerForm } from '../form/useServerForm';
import { ofOrg } from '../keys';
import { Page } from '../parts/Page';
import { useMay } from '../rights';
import { type Finding, FindingNotice } from './FindingNotice';
import { NO_CREDENTIAL, newRepositoryDefaults, newRepositorySchema } from './newRepository';
import { RouteInput } from './RouteInput';
import { CLASSES } from './repositories';

/** Makes a repository, or adopts one, after a look at the place. */
export default function NewRepository() {
  return useMay()('create', 'repository') ? <Form /> : <Redirect href={toKeep.repositories()} replace />;
}

function Form() {
  const text = useAdminText();
  const org = useOrgUid();
  const tell = useTell();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const credentials = useQuery(credentialsQuery(org));
  const key = useRef(newKey());
  const form = useServerForm({
    schema: useMemo(newRepositorySchema, []),
    defaults: newRepositoryDefaults,
    submit: async (body) => {
      const made = await ask(() =>
        api.POST('/api/v1/orgs/{org}/repositories', {
          params: { path: { org } },
          body,
          headers: key.current,
        }),
      );
      await queries.invalidateQueries({ queryKey: ofOrg(org, 'repositories') });
      tell('good', text('newRepository.done', { name: made.name }));
      navigate(toKeep.repository(made.uid));
    },
  });
  const { control, values } = form;
  const isElsewhere = values.place === 'elsewhere';

  return (
    <Page
      title={text('newRepository.title')}
      up={{ href: toKeep.repositories(), label: text('nav.repositories') }}
    >
      <form noValidate className={styles.page} onSubmit={form.onSubmit}>
        {form.refusal && <Notice tone="bad">{form.refusal}</Notice>}
        <TextInput
          control={control}
          name="name"
          label={text('repositories.name')}
          hint={text('newRepository.name.hint')}
          autoFocus
        />
        <RadioInput
          control={control}
          name="begin"
          label={text('newRepository.begin')}
          options={[
            { value: 'create', label: text('newRepository.begin.create') },
            { value: 'adopt', label: text('newRepository.begin.adopt') },
            {
              value: 'later',
              label: text('newRepository.begin.later'),
              hint: text('newRepository.begin.later.hint'),
            },
          ]}
        />
        <RadioInput
          control={control}
          name="place"
          label={text('newRepository.place')}
          options={[
            { value: 'folder', label: text('newRepository.place.folder') },
            { value: 'elsewhere', label: text('newRepository.place.elsewhere') },
          ]}
        />
        {isElsewhere && (
          <>
            <TextInput
              control={control}
              name="location"
              label={text('repositories.location')}
              hint={text('newRepository.location.hint')}
              placeholder="s3:https://…"
            />
            <SelectInput
              control={control}
              name="credential"
              label={text('newRepository.credential')}
              options={[
                { value: NO_CREDENTIAL, label: text('newRepository.credential.none') },
                ...(credentials.data ?? []).map((one) => ({
                  value: one.uid,
                  label: `${one.name} (${one.kind})`,
                })),
              ]}
            />
            <RouteInput control={control} />
          </>
        )}
        <TextInput
          control={control}
          name="password"
          type="password"
          autoComplete="new-password"
          label={text('newRepository.password')}
          hint={text('newRepository.password.hint')}
        />
        <div className={styles.pair}>
          <SelectInput
            control={control}
            name="class"
            label={text('newRepository.class')}
            options={CLASSES.map((one) => ({ value: one, label: text(`repositories.class.${one}`) }))}
          />
          {values.begin === 'create' && (
            <SelectInput
              control={control}
              name="format"
              label={text('newRepository.format')}
              options={[
                { value: '2', label: text('newRepository.format.2') },
                { value: '1', label: text('newRepository.format.1') },
              ]}
            />
          )}
          <TextInput
            control={control}
            name="bytes_max"
            label={text('newRepository.limit')}
            hint={text('newRepository.limit.hint')}
          />
        </div>
        {isElsewhere && (
          <TryPlace
            org={org}
            isMaking={values.begin !== 'adopt'}
            place={{
              location: values.location.trim(),
              ...(values.credential !== NO_CREDENTIAL && { credential: values.credential }),
              ...(values.begin === 'adopt' && values.password && { password: values.password }),
            }}
          />
        )}
        <div>
          <Button type="submit" look="primary" isPending={form.isBusy}>
            {text(`newRepository.${values.begin}`)}
          </Button>
        </div>
      </form>
    </Page>
  );
}

interface TryProps {
  org: string;
  isMaking: boolean;
  place: { location: string; credential?: string; password?: string };
}

/** Looks at the place, and says what is there; nothing is changed by it. */
function TryPlace({ org, isMaking, place }: TryProps) {
  const text = useAdminText();
  const [isBusy, setBusy] = useState(false);
  const [seen, setSeen] = useState<{ place: string; finding?: Finding; error?: unknown } | null>(null);
  const here = JSON.stringify(place);
  const look = async () => {
    setBusy(true);
    try {
      const finding = await ask(() =>
        api.POST('/api/v1/orgs/{org}/repositories/try', { params: { path: { org } }, body: place }),
      );
      setSeen({ place: here, finding });
    } catch (error) {
      setSeen({ place: here, error });
    } finally {
      setBusy(false);
    }
  };
  // What was found elsewhere says nothing about what is written now.
  const isAboutThis = seen?.place === here;
  return (
    <div className={styles.form}>
      <div>
        <Button
          icon="search"
          isDisabled={place.location === ''}
          isPending={isBusy}
          onPress={() => void look()}
        >
          {text('newRepository.try')}
        </Button>
      </div>
      {isAboutThis && seen.finding && (
        <FindingNotice
          finding={seen.finding}
          isWanted={(code) =>
            isMaking ? code === 'no_repository' : code === 'ready' || code === 'password_needed'
          }
        />
      )}
      {isAboutThis && seen.error !== undefined && <ErrorNotice error={seen.error} />}
    </div>
  );
}
