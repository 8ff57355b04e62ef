import { useSuspenseQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { api, ask } from '../../api/client';
import { to } from '../../routes/portal';
import { addressOf } from '../data/address';

/** A link that somebody gave: it leads to what they saw, for whoever may see it. */
export function SharedPlace({ place }: { place: string }) {
  const { data } = useSuspenseQuery({
    queryKey: ['place', place],
    queryFn: ({ signal }) =>
      ask(() => api.GET('/portal/v1/places/{place}', { params: { path: { place } }, signal })),
  });
  return <Redirect replace href={to.browse(data.source, { at: data.at, p: addressOf(data) })} />;
}
