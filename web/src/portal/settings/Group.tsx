import { type ReactNode, useId } from 'react';
import styles from './Settings.module.css';

interface GroupProps {
  title: string;
  words?: ReactNode;
  /** Beside the title. */
  action?: ReactNode;
  children?: ReactNode;
}

/** Settings that belong together. */
export function Group({ title, words, action, children }: GroupProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.group}>
      <header className={styles.line}>
        <div className={styles.words}>
          <h2 id={id}>{title}</h2>
          {words && <p className={styles.soft}>{words}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}
