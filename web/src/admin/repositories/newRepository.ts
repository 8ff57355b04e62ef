import * as v from 'valibot';
import { gigabytesOrNot, lineOrNot, say, secret, slug } from '../form/schema';
import { CLASSES, ROUTES } from './repositories';

/** An input of choices has no empty value of its own. */
export const NO_CREDENTIAL = 'none';

export const newRepositoryDefaults = {
  name: '',
  begin: 'create' as const,
  place: 'folder' as const,
  location: '',
  credential: NO_CREDENTIAL,
  password: '',
  class: 'hot' as const,
  format: '2' as const,
  agent_route: 'gateway' as const,
  bytes_max: '',
};

/** What is written, and what is sent of it. */
export const newRepositorySchema = () =>
  v.pipe(
    v.object({
      name: slug(),
      begin: v.picklist(['create', 'adopt', 'later']),
      place: v.picklist(['folder', 'elsewhere']),
      location: lineOrNot(1000),
      credential: v.string(),
      password: secret(),
      class: v.picklist(CLASSES),
      format: v.picklist(['1', '2']),
      agent_route: v.picklist(ROUTES),
      bytes_max: gigabytesOrNot(),
    }),
    v.forward(
      v.partialCheck(
        [['place'], ['location']],
        ({ place, location }) => place === 'folder' || location !== '',
        say('newRepository.locationWanted'),
      ),
      ['location'],
    ),
    v.transform(({ place, location, credential, format, agent_route, bytes_max, ...rest }) => ({
      ...rest,
      ...(place === 'elsewhere' && {
        location,
        // A folder of the server is reached through the server only.
        agent_route,
        ...(credential !== NO_CREDENTIAL && { credential }),
      }),
      ...(rest.begin === 'create' && { format: Number(format) }),
      ...(bytes_max !== null && { bytes_max }),
    })),
  );
