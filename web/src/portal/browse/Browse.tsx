import { useSuspenseQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { useSpeech } from '../../i18n/language';
import { browseState, to } from '../../routes/portal';
import { useSearchState } from '../../routes/useSearchState';
import { startQuery } from '../data/tree';
import { BrowseFolder } from './BrowseFolder';
import { ChosenProvider, useChosenState } from './chosen';

/** P4: a folder of a device at a time. Without a folder in the address it begins where there is something to choose. */
export function Browse({ device }: { device: string }) {
  const [state] = useSearchState(browseState);
  const chosen = useChosenState();
  return (
    <ChosenProvider value={chosen}>
      {state.p === '' ? <Start device={device} /> : <BrowseFolder device={device} />}
    </ChosenProvider>
  );
}

function Start({ device }: { device: string }) {
  const { language } = useSpeech();
  const [state] = useSearchState(browseState);
  const { data: start } = useSuspenseQuery(startQuery(device, language));
  return <Redirect replace href={to.browse(device, { ...state, p: start })} />;
}
