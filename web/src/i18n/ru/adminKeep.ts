import { nav } from './keep/nav';
import { repositories } from './keep/repositories';

/** Words of the pages about storage, people and the record. */
export const adminKeep = { ...nav, ...repositories };
