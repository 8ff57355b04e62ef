import { useQueryClient } from '@tanstack/react-query';
import { type Me, meQuery } from '../api/me';
import { useText } from '../i18n/common';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { SignInForm } from './SignInForm';

/** A session that ended is begun again where one is: nothing of the page is lost. */
export function SessionDialog({ onDone }: { onDone: (passed: boolean) => void }) {
  const text = useText();
  const queries = useQueryClient();
  const before = queries.getQueryData<Me>(meQuery.queryKey);
  return (
    <Dialog
      title={text('ended.title')}
      isOpen
      onClose={() => onDone(false)}
      actions={<Button onPress={() => onDone(false)}>{text('action.cancel')}</Button>}
    >
      <p>{text('ended.words')}</p>
      <SignInForm
        email={before?.user.email}
        returnTo={window.location.pathname + window.location.search}
        onSignedIn={(user) => {
          // Somebody else's page must not be filled in for whoever came now.
          if (before && before.user.uid !== user.uid) window.location.assign('/');
          else onDone(true);
        }}
      />
    </Dialog>
  );
}
