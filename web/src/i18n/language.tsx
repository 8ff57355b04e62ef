import { createContext, type ReactNode, use, useContext, useEffect, useMemo } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { Stored, useStored } from '../lib/stored';
import { type Catalogue, fill, type Text } from './message';

export type Language = 'en' | 'ru';
export const LANGUAGES: readonly Language[] = ['en', 'ru'];

const isLanguage = (text: string): text is Language => LANGUAGES.includes(text as Language);

/** What the browser asks for, if we speak it. */
function preferred(): Language {
  const first = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return first ?? 'en';
}

export const chosenLanguage = new Stored<Language>('language', preferred(), isLanguage);

/** The locale by which numbers and dates are written: the browser's own kind of the chosen language. */
export const localeOf = (language: Language): string =>
  navigator.languages.find((tag) => tag.startsWith(language)) ?? (language === 'en' ? 'en-GB' : language);

export interface Speech {
  language: Language;
  locale: string;
  text: Text<Catalogue>;
}

const SpeechContext = createContext<Speech | null>(null);

/** Gives everything below it words. The catalogue is of `language` already: pages load it before they draw. */
export function Speaks({ catalogue, children }: { catalogue: Catalogue; children: ReactNode }) {
  const language = useStored(chosenLanguage);
  const speech = useMemo<Speech>(() => {
    const locale = localeOf(language);
    const plural = new Intl.PluralRules(locale);
    const number = new Intl.NumberFormat(locale);
    const text = (key: string, values: Record<string, string | number> = {}) => {
      const message = catalogue[key];
      return message === undefined ? key : fill(message, values, plural, number);
    };
    return { language, locale, text: text as Text<Catalogue> };
  }, [language, catalogue]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <SpeechContext value={speech}>
      <I18nProvider locale={speech.locale}>{children}</I18nProvider>
    </SpeechContext>
  );
}

type Values = Record<string, string | number>;
type LoadWords = (language: Language) => Promise<Catalogue>;

const loaded = new WeakMap<LoadWords, Map<Language, Promise<Catalogue>>>();

/** Asks for words once in each language. */
export function wordsOf(load: LoadWords, language: Language): Promise<Catalogue> {
  const all = loaded.get(load) ?? new Map<Language, Promise<Catalogue>>();
  loaded.set(load, all);
  const words = all.get(language) ?? load(language);
  all.set(language, words);
  return words;
}

/** Adds words that only some pages need. It waits for them as a lazy page waits for its code; keep `load` the same. */
export function SpeaksMore({ load, children }: { load: LoadWords; children: ReactNode }) {
  const outer = useSpeech();
  const outerText = outer.text as (key: string, values: Values) => string;
  const own = use(wordsOf(load, outer.language));
  const speech = useMemo<Speech>(() => {
    const plural = new Intl.PluralRules(outer.locale);
    const number = new Intl.NumberFormat(outer.locale);
    const text = (key: string, values: Values = {}) => {
      const message = own[key];
      return message === undefined ? outerText(key, values) : fill(message, values, plural, number);
    };
    return { ...outer, text: text as Text<Catalogue> };
  }, [outer, outerText, own]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error('useSpeech stands outside of Speaks');
  return speech;
}
