import type { keep as keepEn } from './en/keep/all';
import type { Language } from './language';
import type { Catalogue } from './message';

export type KeepWords = typeof keepEn;

/** Words that the console's pages about storage, people and the record add to its own. */
export const keepWords = async (language: Language): Promise<Catalogue> =>
  (language === 'ru' ? await import('./ru/keep/all') : await import('./en/keep/all')).keep;
