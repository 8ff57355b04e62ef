import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { toKeep } from '../../routes/adminKeep';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Status';
import { credentialsQuery } from '../credentials/credentials';
import styles from '../form/Form.module.css';
import { SelectInput, TextInput } from '../form/inputs';
import { asGigabytes, gigabytesOrNot, slug } from '../form/schema';
import { useServerForm } from '../form/useServerForm';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Part } from '../parts/Page';
import { useChange } from '../parts/useChange';
import { useMay } from '../rights';
import { NO_CREDENTIAL } from './newRepository';
import { RouteInput } from './RouteInput';
import { CLASSES, classOf, type Repository, ROUTES, routeOf } from './repositories';
import { useChangeRepository } from './useChangeRepository';

interface PartProps {
  org: string;
  repository: Repository;
  tag: string;
}

/** What of a repository can be changed, and the way to take it out of the list. */
export function SettingsPart({ org, repository, tag }: PartProps) {
  const text = useAdminText();
  const save = useChangeRepository(org, repository.uid, tag);
  const credentials = useQuery(credentialsQuery(org));
  const form = useServerForm({
    schema: useMemo(
      () =>
        v.object({
          name: slug(),
          class: v.picklist(CLASSES),
          agent_route: v.picklist(ROUTES),
          credential: v.string(),
          bytes_max: gigabytesOrNot(),
          password: v.string(),
        }),
      [],
    ),
    defaults: {
      name: repository.name,
      class: classOf(repository),
      agent_route: routeOf(repository),
      credential: repository.credential ?? NO_CREDENTIAL,
      bytes_max: asGigabytes(repository.bytes_max),
      password: '',
    },
    submit: async ({ credential, password, agent_route, ...rest }) => {
      const body = {
        ...rest,
        ...(agent_route !== routeOf(repository) && { agent_route }),
        credential: credential === NO_CREDENTIAL ? null : credential,
        ...(password && { password }),
      };
      await save(body, text('repositorySettings.changed'));
    },
  });
  const { control } = form;
  return (
    <>
      <Part title={text('repositories.part.settings')}>
        <form noValidate className={styles.page} onSubmit={form.onSubmit}>
          {form.refusal && <Notice tone="bad">{form.refusal}</Notice>}
          <TextInput
            control={control}
            name="name"
            label={text('repositories.name')}
            hint={text('newRepository.name.hint')}
          />
          <div className={styles.pair}>
            <SelectInput
              control={control}
              name="class"
              label={text('newRepository.class')}
              options={CLASSES.map((one) => ({ value: one, label: text(`repositories.class.${one}`) }))}
            />
            <SelectInput
              control={control}
              name="credential"
              label={text('newRepository.credential')}
              options={[
                { value: NO_CREDENTIAL, label: text('newRepository.credential.none') },
                ...(credentials.data ?? []).map((one) => ({ value: one.uid, label: one.name })),
              ]}
            />
          </div>
          {!isFolder(repository) && <RouteInput control={control} />}
          <TextInput
            control={control}
            name="bytes_max"
            label={text('newRepository.limit')}
            hint={text('newRepository.limit.hint')}
          />
          <TextInput
            control={control}
            name="password"
            type="password"
            autoComplete="new-password"
            label={text('repositorySettings.password')}
            hint={text('repositorySettings.password.hint')}
          />
          <div>
            <Button type="submit" look="primary" isPending={form.isBusy}>
              {text('action.save')}
            </Button>
          </div>
        </form>
      </Part>
      <OutOfService org={org} repository={repository} tag={tag} />
    </>
  );
}

/** A folder of the server is reached through the server only. */
const isFolder = (repository: Repository) => repository.location.startsWith('/');

/** Pausing, which is taken back by a press, and taking it out of the list, which is not. */
function OutOfService({ org, repository, tag }: PartProps) {
  const text = useAdminText();
  const may = useMay();
  const change = useChange(org);
  const save = useChangeRepository(org, repository.uid, tag);
  const [, navigate] = useLocation();
  const [isDeleting, setDeleting] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const isPaused = repository.state === 'paused';
  const toggle = async () => {
    setBusy(true);
    const told = isPaused ? 'repositorySettings.resumed.told' : 'repositorySettings.paused.told';
    await save({ state: isPaused ? 'ready' : 'paused' }, text(told), { isTold: true });
    setBusy(false);
  };
  return (
    <Part title={text('repositories.state')}>
      <p>{text('repositorySettings.pause.words')}</p>
      <div className={styles.buttons}>
        <Button icon={isPaused ? 'play' : 'pause'} isPending={isBusy} onPress={() => void toggle()}>
          {text(isPaused ? 'repositorySettings.resume' : 'repositorySettings.pause')}
        </Button>
        {may('delete', 'repository') && (
          <Button look="danger" onPress={() => setDeleting(true)}>
            {text('repositorySettings.delete')}
          </Button>
        )}
      </div>
      <ConfirmByName
        isOpen={isDeleting}
        title={text('repositorySettings.delete.title', { name: repository.name })}
        name={repository.name}
        action={text('repositorySettings.delete')}
        onClose={() => setDeleting(false)}
        onConfirm={async () => {
          await change(
            () =>
              ask(() =>
                api.DELETE('/api/v1/orgs/{org}/repositories/{repository}', {
                  params: { path: { org, repository: repository.uid } },
                }),
              ),
            text('repositorySettings.deleted', { name: repository.name }),
            ['repositories'],
          );
          navigate(toKeep.repositories());
        }}
      >
        {text('repositorySettings.delete.words')}
      </ConfirmByName>
    </Part>
  );
}
