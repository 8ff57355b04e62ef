import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../i18n/common';
import styles from './Bar.module.css';
import icon from './icon.svg';

/** The bar above every page. Its first link leads past it. */
export function Bar({
  name,
  home,
  children,
  end,
}: {
  name: string;
  home: string;
  children?: ReactNode;
  end: ReactNode;
}) {
  const text = useText();
  return (
    <>
      <a href="#content" className={styles.skip}>
        {text('action.skipToContent')}
      </a>
      <header className={styles.bar}>
        <Link href={home} className={styles.logo}>
          <img src={icon} alt="" width="28" height="28" />
          <span className={styles.name}>{name}</span>
        </Link>
        <div className={styles.middle}>{children}</div>
        <div className={styles.end}>{end}</div>
      </header>
    </>
  );
}
