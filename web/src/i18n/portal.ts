import type { common as commonEn } from './en/common';
import type { portal as portalEn } from './en/portal';
import { type Language, useSpeech } from './language';
import type { Catalogue, Text } from './message';

export type PortalWords = typeof commonEn & typeof portalEn;

export const usePortalText = (): Text<PortalWords> => useSpeech().text as unknown as Text<PortalWords>;

/** The words of one language: the others are not loaded. */
export async function portalWords(language: Language): Promise<Catalogue> {
  const [{ common }, { portal }] =
    language === 'ru'
      ? await Promise.all([import('./ru/common'), import('./ru/portal')])
      : await Promise.all([import('./en/common'), import('./en/portal')]);
  return { ...common, ...portal };
}
