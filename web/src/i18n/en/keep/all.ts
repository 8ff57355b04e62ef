import { audit } from './audit';
import { credentials } from './credentials';
import { people } from './people';
import { repositories } from './repositories';
import { rights } from './rights';
import { settings } from './settings';
import { snapshots } from './snapshots';

/** Words of the pages about storage, people and the record: they come with the first of these pages. */
export const keep = {
  ...repositories,
  ...credentials,
  ...snapshots,
  ...people,
  ...rights,
  ...audit,
  ...settings,
};
