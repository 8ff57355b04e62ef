import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { signInQuestion } from '../api/gate';
import { type Me, meQuery } from '../api/me';
import { useText } from '../i18n/common';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { SignInForm } from './SignInForm';

/** A session that ended is begun again where one is: nothing of the page is lost. */
export function SessionDialog() {
  const text = useText();
  const queries = useQueryClient();
  const [done, setDone] = useState<((passed: boolean) => void) | null>(null);
  useEffect(() => signInQuestion.register((answer) => setDone(() => answer)), []);
  const close = (passed: boolean) => {
    done?.(passed);
    setDone(null);
  };
  const before = queries.getQueryData<Me>(meQuery.queryKey);
  return (
    <Dialog
      title={text('ended.title')}
      isOpen={done !== null}
      onClose={() => close(false)}
      actions={<Button onPress={() => close(false)}>{text('action.cancel')}</Button>}
    >
      <p>{text('ended.words')}</p>
      <SignInForm
        email={before?.user.email}
        returnTo={window.location.pathname + window.location.search}
        onSignedIn={(user) => {
          // Somebody else's page must not be filled in for whoever came now.
          if (before && before.user.uid !== user.uid) window.location.assign('/');
          else close(true);
        }}
      />
    </Dialog>
  );
}
