import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, askOnce } from '../api/client';
import { type Me, meQuery } from '../api/me';
import { isProblem } from '../api/problem';
import { useText } from '../i18n/common';
import { Button, LinkButton } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useErrorText } from '../ui/ErrorView';
import { Field, PasswordField } from '../ui/Field';
import { oidcLink } from './SignInForm';
import styles from './SignInForm.module.css';

/** Asks for the second factor again, before what destroys or reveals. */
export function StepUpDialog({ onDone }: { onDone: (passed: boolean) => void }) {
  const text = useText();
  const me = useQueryClient().getQueryData<Me>(meQuery.queryKey)?.user;
  return (
    <Dialog title={text('stepUp.title')} isOpen onClose={() => onDone(false)}>
      <p>{text('stepUp.words')}</p>
      {me?.provider && !me.has_totp && !me.has_password ? (
        <LinkButton look="primary" isOutside href={oidcLink(me.provider, window.location.pathname, true)}>
          {text('stepUp.action')}
        </LinkButton>
      ) : (
        <ProofForm
          hasCode={me?.has_totp ?? false}
          onProved={() => onDone(true)}
          onCancel={() => onDone(false)}
        />
      )}
    </Dialog>
  );
}

function ProofForm({
  hasCode,
  onProved,
  onCancel,
}: {
  hasCode: boolean;
  onProved: () => void;
  onCancel: () => void;
}) {
  const text = useText();
  const errorText = useErrorText();
  const [proof, setProof] = useState('');
  const [isRecovery, setRecovery] = useState(false);
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const kind = !hasCode ? 'password' : isRecovery ? 'recovery_code' : 'code';
    try {
      await askOnce(() => api.POST('/api/v1/step-up', { body: { [kind]: hasCode ? proof.trim() : proof } }));
      onProved();
    } catch (refused) {
      const isWrong = isProblem(refused, 'unauthenticated', 'forbidden', 'invalid');
      setError(isWrong ? text(hasCode ? 'signIn.wrongCode' : 'signIn.wrong') : errorText(refused));
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {hasCode ? (
        <Field
          label={isRecovery ? text('signIn.recoveryCode') : text('signIn.code')}
          autoComplete="one-time-code"
          inputMode={isRecovery ? 'text' : 'numeric'}
          isRequired
          autoFocus
          value={proof}
          onChange={setProof}
          error={error}
        />
      ) : (
        <PasswordField
          label={text('signIn.password')}
          autoComplete="current-password"
          isRequired
          autoFocus
          value={proof}
          onChange={setProof}
          error={error}
        />
      )}
      {hasCode && (
        <Button look="quiet" onPress={() => setRecovery(!isRecovery)}>
          {isRecovery ? text('signIn.useCode') : text('signIn.useRecovery')}
        </Button>
      )}
      <Button type="submit" look="primary">
        {text('stepUp.action')}
      </Button>
      <Button onPress={onCancel}>{text('action.cancel')}</Button>
    </form>
  );
}
