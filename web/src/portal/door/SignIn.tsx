import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { meQuery } from '../../api/me';
import { usePortalText } from '../../i18n/portal';
import { signInState, to } from '../../routes/portal';
import { useSearchState } from '../../routes/useSearchState';
import { SignInForm } from '../../shell/SignInForm';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import { Door } from './Door';

/** P1: providers first, then a password. */
export function SignIn() {
  const text = usePortalText();
  const queries = useQueryClient();
  const [{ next, org, error }, set] = useSearchState(signInState);
  const [isAskingOrg, setAskingOrg] = useState(org !== '');
  const target = ownPath(next);
  return (
    <Door title={text('door.signIn.title')} words={text('door.signIn.words')}>
      {error && <Notice tone="bad">{text(`door.refused.${error}`)}</Notice>}
      {isAskingOrg && (
        <Field
          label={text('signIn.org')}
          hint={text('signIn.orgHint')}
          autoComplete="organization"
          value={org}
          onChange={(value) => set({ org: value.trim() })}
        />
      )}
      <SignInForm
        org={org}
        returnTo={target}
        onSignedIn={() => {
          queries.removeQueries({ queryKey: meQuery.queryKey });
          // A page of its own: the console is another one, and nothing of who was here before stays.
          window.location.replace(target);
        }}
      />
      {!isAskingOrg && (
        <Button look="quiet" isSmall onPress={() => setAskingOrg(true)}>
          {text('door.otherOrg')}
        </Button>
      )}
    </Door>
  );
}

/** Only paths of our own: whoever made the link must not send people elsewhere. */
export function ownPath(next: string): string {
  try {
    const url = new URL(next, window.location.origin);
    return url.origin === window.location.origin ? url.pathname + url.search : to.home();
  } catch {
    return to.home();
  }
}
