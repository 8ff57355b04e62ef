import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, ask, askTagged } from '../../api/client';
import { meQuery, useMe } from '../../api/me';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import { Field, PasswordField } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import { useTell } from '../../ui/Toast';
import { NewPassword } from '../door/NewPassword';
import { Group } from './Group';
import styles from './Settings.module.css';

/** Who one is. */
export function Account() {
  const text = usePortalText();
  const { user } = useMe();
  return (
    <>
      <Group title={text('account.title')} words={`${user.email} · ${text(`role.${user.role}`)}`}>
        <NameForm name={user.name} />
      </Group>
      {user.has_password ? (
        <Group title={text('account.password')} words={text('account.password.words')}>
          <PasswordForm />
        </Group>
      ) : (
        <Group title={text('account.password')} words={text('account.password.elsewhere')} />
      )}
    </>
  );
}

function NameForm({ name: known }: { name: string }) {
  const text = usePortalText();
  const errorText = useErrorText();
  const tell = useTell();
  const queries = useQueryClient();
  const [name, setName] = useState(known);
  const save = useMutation({
    mutationFn: async () => {
      const { tag } = await askTagged(() => api.GET('/api/v1/me'));
      return ask(() => api.PATCH('/api/v1/me', { params: { header: { 'If-Match': tag } }, body: { name } }));
    },
    onSuccess: () => {
      tell('good', text('settings.saved'));
      return queries.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {save.error && <Notice tone="bad">{errorText(save.error)}</Notice>}
      <Field label={text('door.name')} autoComplete="name" isRequired value={name} onChange={setName} />
      <Button type="submit" isDisabled={name === known} isPending={save.isPending}>
        {text('action.save')}
      </Button>
    </form>
  );
}

function PasswordForm() {
  const text = usePortalText();
  const errorText = useErrorText();
  const tell = useTell();
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const save = useMutation({
    mutationFn: () =>
      ask(() => api.PUT('/api/v1/me/password', { body: { old_password: old, new_password: next } })),
    onSuccess: () => {
      setOld('');
      setNext('');
      tell('good', text('account.password.changed'));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {save.error && <Notice tone="bad">{errorText(save.error)}</Notice>}
      <PasswordField
        label={text('account.oldPassword')}
        autoComplete="current-password"
        isRequired
        value={old}
        onChange={setOld}
      />
      <NewPassword value={next} onChange={setNext} />
      <Button type="submit" isPending={save.isPending}>
        {text('account.password.change')}
      </Button>
    </form>
  );
}
