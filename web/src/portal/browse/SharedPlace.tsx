import { useQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { api, ask } from '../../api/client';
import { isProblem } from '../../api/problem';
import { usePortalText } from '../../i18n/portal';
import { browseState, to } from '../../routes/portal';
import { LinkButton } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { addressOf } from '../data/address';
import { useTitle } from '../Page';

/** A link that somebody gave: it leads to what they saw, for whoever may see it. */
export function SharedPlace({ place }: { place: string }) {
  const text = usePortalText();
  useTitle(text('share.title'));
  const { data, error, refetch } = useQuery({
    queryKey: ['place', place],
    queryFn: ({ signal }) =>
      ask(() => api.GET('/portal/v1/places/{place}', { params: { path: { place } }, signal })),
  });
  // What is not for one to see is answered like what is not there, and a link that is cut short like one that never was.
  if (isProblem(error, 'not_found', 'malformed', 'invalid')) return <NotForYou />;
  if (error) return <ErrorView error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={6} height={28} />;
  const shown = browseState.read(data.shown);
  return <Redirect replace href={to.browse(data.source, { ...shown, at: data.at, p: addressOf(data) })} />;
}

function NotForYou() {
  const text = usePortalText();
  return (
    <Empty
      isPage
      icon="lock"
      title={text('share.none')}
      actions={
        <LinkButton look="primary" icon="search" href={to.home()}>
          {text('action.toStart')}
        </LinkButton>
      }
    >
      <p>{text('share.noneWords')}</p>
      <p>{text('share.ask')}</p>
    </Empty>
  );
}
