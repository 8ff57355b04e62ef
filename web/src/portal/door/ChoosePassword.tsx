import { type FormEvent, useState } from 'react';
import { api, askOnce } from '../../api/client';
import { isProblem } from '../../api/problem';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Button, LinkButton } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import { Notice } from '../../ui/Status';
import { Door } from './Door';
import styles from './Door.module.css';
import { NewPassword } from './NewPassword';
import { useLinkToken } from './useLinkToken';

/** The link an administrator gives: a first password, or another one. */
export function ChoosePassword() {
  const text = usePortalText();
  const errorText = useErrorText();
  const token = useLinkToken();
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const [isDone, setDone] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await askOnce(() => api.POST('/api/v1/password-reset', { body: { token, password } }));
      setDone(true);
    } catch (refused) {
      setError(
        isProblem(refused, 'not_found', 'token_used', 'token_unknown', 'token_expired', 'gone')
          ? text('door.link.used')
          : errorText(refused),
      );
    }
  };

  if (isDone || !token) {
    return (
      <Door title={text('door.password.title')}>
        {isDone ? (
          <Notice tone="good">{text('door.password.done')}</Notice>
        ) : (
          <Notice tone="warn">{text('door.password.noToken')}</Notice>
        )}
        <LinkButton look="primary" href={to.signIn()}>
          {text('signIn.action')}
        </LinkButton>
      </Door>
    );
  }
  return (
    <Door title={text('door.password.title')} words={text('door.password.words')}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        {error && <Notice tone="bad">{error}</Notice>}
        <NewPassword value={password} onChange={setPassword} />
        <Button type="submit" look="primary">
          {text('action.save')}
        </Button>
      </form>
    </Door>
  );
}
