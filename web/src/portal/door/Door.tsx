import type { ReactNode } from 'react';
import { chosenLanguage, LANGUAGES } from '../../i18n/language';
import { usePortalText } from '../../i18n/portal';
import { useStored } from '../../lib/stored';
import icon from '../../shell/icon.svg';
import { Segments } from '../../ui/Choice';
import { useTitle } from '../Page';
import styles from './Door.module.css';

/** The pages before one is signed in: a card, and the language one reads it in. */
export function Door({ title, words, children }: { title: string; words?: string; children: ReactNode }) {
  const text = usePortalText();
  const language = useStored(chosenLanguage);
  useTitle(title);
  return (
    <main className={styles.door}>
      <div className={styles.card}>
        <img src={icon} alt="" width="44" height="44" className={styles.logo} />
        <h1>{title}</h1>
        {words && <p className={styles.words}>{words}</p>}
        {children}
      </div>
      <Segments
        label={text('language.label')}
        value={language}
        onChange={(chosen) => chosenLanguage.set(chosen)}
        options={LANGUAGES.map((value) => ({ value, label: text(`language.${value}`) }))}
      />
    </main>
  );
}
