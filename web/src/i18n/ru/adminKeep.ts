import { audit } from './keep/audit';
import { credentials } from './keep/credentials';
import { nav } from './keep/nav';
import { repositories } from './keep/repositories';
import { rights } from './keep/rights';
import { snapshots } from './keep/snapshots';

/** Words of the pages about storage, people and the record. */
export const adminKeep = { ...nav, ...repositories, ...credentials, ...snapshots, ...rights, ...audit };
