import { nav } from './keep/nav';

/** What the navigation calls the pages about storage, people and the record. Their own words come with them: `keep/all`. */
export const adminKeep = nav;
