import type { admin as adminEn } from './en/admin';
import type { adminParts as partsEn } from './en/adminParts';
import type { common as commonEn } from './en/common';
import { type Language, useSpeech } from './language';
import type { Catalogue, Text } from './message';

export type AdminWords = typeof commonEn & typeof adminEn & typeof partsEn;

export const useAdminText = (): Text<AdminWords> => useSpeech().text as unknown as Text<AdminWords>;

/** The words of one language: the others are not loaded. */
export async function adminWords(language: Language): Promise<Catalogue> {
  const [{ common }, { admin }, { adminParts }] =
    language === 'ru'
      ? await Promise.all([import('./ru/common'), import('./ru/admin'), import('./ru/adminParts')])
      : await Promise.all([import('./en/common'), import('./en/admin'), import('./en/adminParts')]);
  return { ...common, ...admin, ...adminParts };
}
