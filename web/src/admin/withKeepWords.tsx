import { type ComponentType, lazy } from 'react';
import { keepWords } from '../i18n/keep';
import { chosenLanguage, SpeaksMore, wordsOf } from '../i18n/language';

// biome-ignore lint/suspicious/noExplicitAny: pages take the parameters of their own paths
type AnyPage = ComponentType<any>;

/** A page with the words that all pages about storage, people and the record share: both are asked for at once. */
export function withKeepWords(load: () => Promise<{ default: AnyPage }>) {
  return lazy(async () => {
    const [{ default: Page }] = await Promise.all([load(), wordsOf(keepWords, chosenLanguage.get())]);
    // biome-ignore lint/correctness/noComponentHookFactories: made once, as lazy pages are
    const Speaking: AnyPage = (props) => (
      <SpeaksMore load={keepWords}>
        <Page {...props} />
      </SpeaksMore>
    );
    return { default: Speaking };
  });
}
