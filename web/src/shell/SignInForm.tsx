import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, askOnce } from '../api/client';
import { isProblem } from '../api/problem';
import type { Schemas } from '../api/types';
import { useText } from '../i18n/common';
import { Button, LinkButton } from '../ui/Button';
import { useErrorText } from '../ui/ErrorView';
import { Field, PasswordField } from '../ui/Field';
import { Notice } from '../ui/Status';
import styles from './SignInForm.module.css';

interface SignInProps {
  email?: string | undefined;
  org?: string | undefined;
  /** Where a provider sends back to. */
  returnTo: string;
  onSignedIn: (user: Schemas['UserBody'], failedAttempts: number) => void;
}

type Factor = 'none' | 'code' | 'recovery_code';

/** Providers first, then a password, then the second factor if the server wants one. */
export function SignInForm({ email: known = '', org = '', returnTo, onSignedIn }: SignInProps) {
  const text = useText();
  const errorText = useErrorText();
  const providers = useProviders(org);
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [factor, setFactor] = useState<Factor>('none');
  const [proof, setProof] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = {
      email,
      password,
      ...(org && { org }),
      ...(factor !== 'none' && { [factor]: proof.trim() }),
    };
    try {
      const signed = await askOnce(() => api.POST('/api/v1/sign-in', { body }));
      onSignedIn(signed.user, signed.failed_attempts);
    } catch (refused) {
      if (isProblem(refused, 'second_factor_required')) setFactor('code');
      else if (isProblem(refused, 'unauthenticated', 'invalid')) {
        setError(factor === 'none' ? text('signIn.wrong') : text('signIn.wrongCode'));
      } else setError(errorText(refused));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className={styles.form}>
      {providers.length > 0 && factor === 'none' && (
        <>
          {providers.map((provider) => (
            <LinkButton key={provider.uid} look="primary" isOutside href={oidcLink(provider.uid, returnTo)}>
              {text('signIn.with', { provider: provider.title })}
            </LinkButton>
          ))}
          <p className={styles.or}>{text('signIn.or')}</p>
        </>
      )}
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        {error && <Notice tone="bad">{error}</Notice>}
        {factor === 'none' ? (
          <>
            <Field
              label={text('signIn.email')}
              name="email"
              type="email"
              autoComplete="username"
              isRequired
              autoFocus={!known && providers.length === 0}
              value={email}
              onChange={setEmail}
            />
            <PasswordField
              label={text('signIn.password')}
              name="password"
              autoComplete="current-password"
              isRequired
              autoFocus={known !== ''}
              value={password}
              onChange={setPassword}
            />
          </>
        ) : (
          <SecondFactor factor={factor} proof={proof} onProof={setProof} onFactor={setFactor} />
        )}
        <Button
          type="submit"
          look={providers.length > 0 && factor === 'none' ? 'plain' : 'primary'}
          isPending={isBusy}
        >
          {text('signIn.action')}
        </Button>
      </form>
    </div>
  );
}

interface SecondProps {
  factor: Exclude<Factor, 'none'>;
  proof: string;
  onProof: (proof: string) => void;
  onFactor: (factor: Factor) => void;
}

function SecondFactor({ factor, proof, onProof, onFactor }: SecondProps) {
  const text = useText();
  const isCode = factor === 'code';
  return (
    <>
      <Notice tone="good">{text('signIn.codeWanted')}</Notice>
      <Field
        key={factor}
        label={isCode ? text('signIn.code') : text('signIn.recoveryCode')}
        name="code"
        autoComplete="one-time-code"
        inputMode={isCode ? 'numeric' : 'text'}
        isRequired
        autoFocus
        value={proof}
        onChange={onProof}
      />
      <Button look="quiet" onPress={() => onFactor(isCode ? 'recovery_code' : 'code')}>
        {isCode ? text('signIn.useRecovery') : text('signIn.useCode')}
      </Button>
    </>
  );
}

/** Who runs the installation may have providers of its own, an organization others: its name is asked for by its address. */
function useProviders(org: string) {
  const { data } = useQuery({
    queryKey: ['sign-in', 'providers', org],
    queryFn: ({ signal }) =>
      askOnce(() => api.GET('/api/v1/sign-in/providers', { params: { query: org ? { org } : {} }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? [];
}

export const oidcLink = (provider: string, returnTo: string, isStepUp = false): string =>
  `/api/v1/sign-in/oidc/${provider}?${new URLSearchParams({ return_to: returnTo, ...(isStepUp && { step_up: 'true' }) })}`;
