import { type FormEvent, useState } from 'react';
import { api, askOnce } from '../../api/client';
import { isProblem } from '../../api/problem';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Button, LinkButton } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import { Door } from './Door';
import styles from './Door.module.css';
import { NewPassword } from './NewPassword';
import { useLinkToken } from './useLinkToken';

/** The link of the first start: whoever holds it becomes the first administrator. */
export function SetUp() {
  const text = usePortalText();
  const errorText = useErrorText();
  const token = useLinkToken();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const [isDone, setDone] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await askOnce(() => api.POST('/api/v1/set-up', { body: { token, email, name, password } }));
      setDone(true);
      await askOnce(() => api.POST('/api/v1/sign-in', { body: { email, password } }));
      window.location.replace(to.console());
    } catch (refused) {
      setError(
        isProblem(refused, 'not_found', 'token_used', 'token_unknown', 'token_expired', 'gone')
          ? text('door.link.used')
          : errorText(refused),
      );
    }
  };

  if (!token) {
    return (
      <Door title={text('door.setUp.title')}>
        <Notice tone="warn">{text('door.setUp.noToken')}</Notice>
        <LinkButton href={to.signIn()}>{text('signIn.action')}</LinkButton>
      </Door>
    );
  }
  return (
    <Door title={text('door.setUp.title')} words={text('door.setUp.words')}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        {error && <Notice tone="bad">{error}</Notice>}
        <Field
          label={text('door.name')}
          autoComplete="name"
          isRequired
          autoFocus
          value={name}
          onChange={setName}
        />
        <Field
          label={text('signIn.email')}
          type="email"
          autoComplete="username"
          isRequired
          value={email}
          onChange={setEmail}
        />
        <NewPassword value={password} onChange={setPassword} />
        <Button type="submit" look="primary" isPending={isDone && !error}>
          {text('door.setUp.action')}
        </Button>
      </form>
    </Door>
  );
}
