import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useConsole } from '../console';
import styles from './Page.module.css';

interface PageProps {
  title: string;
  /** How it is: beside the title. */
  status?: ReactNode;
  /** A sentence below the title. */
  words?: ReactNode;
  /** The list it is of. */
  up?: { href: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}

/** A page's head, the same everywhere: where one is, how it is, and what can be done. */
export function Page({ title, status, words, up, actions, children }: PageProps) {
  const text = useAdminText();
  const { org } = useConsole();
  useEffect(() => {
    document.title = [title, org?.title, text('product.name')].filter(Boolean).join(' · ');
  }, [title, org, text]);
  return (
    <>
      <header className={styles.head}>
        <div className={styles.title}>
          {up && (
            <Link href={up.href} className={styles.up}>
              ← {up.label}
            </Link>
          )}
          <div className={styles.line}>
            <h1>{title}</h1>
            {status}
          </div>
          {words && <p className={styles.words}>{words}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </>
  );
}

/** A part of a page with a name. */
export function Part({ title, end, children }: { title: string; end?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <div className={styles.partHead}>
        <h2>{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}

/** Filters above a list. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <div className={styles.filters}>{children}</div>;
}
