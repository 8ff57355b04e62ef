import { audit } from './keep/audit';
import { credentials } from './keep/credentials';
import { nav } from './keep/nav';
import { people } from './keep/people';
import { repositories } from './keep/repositories';
import { rights } from './keep/rights';
import { settings } from './keep/settings';
import { snapshots } from './keep/snapshots';

/** Words of the pages about storage, people and the record. */
export const adminKeep = {
  ...nav,
  ...repositories,
  ...credentials,
  ...snapshots,
  ...people,
  ...rights,
  ...audit,
  ...settings,
};
