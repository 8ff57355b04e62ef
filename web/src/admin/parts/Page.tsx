import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { Icon } from '../../ui/Icon';
import styles from './Page.module.css';

interface HeadProps {
  title: string;
  /** What the page is about, or how it is, in a line. */
  children?: ReactNode;
  /** Where one came from. */
  up?: { href: string; label: string };
  actions?: ReactNode;
}

/** The top of a page: what it is, and what one can do with all of it. */
export function PageHead({ title, children, up, actions }: HeadProps) {
  const text = useAdminText();
  return (
    <header className={styles.head}>
      <div className={styles.titles}>
        {up && (
          <nav aria-label={text('page.up')}>
            <Link href={up.href} className={styles.up}>
              <Icon name="chevron-left" />
              {up.label}
            </Link>
          </nav>
        )}
        <h1>{title}</h1>
        {children && <div className={styles.sub}>{children}</div>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}

/** A part of a page, with a heading of its own. */
export function Panel({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.panel}>
      <div className={styles.panelHead}>
        <h2>{title}</h2>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}

export interface Fact {
  name: string;
  value: ReactNode;
}

/** What is known of one thing: names and values. */
export function Facts({ facts }: { facts: readonly (Fact | false | null)[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact.name} className={styles.fact}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Fields that narrow a list, in a row that breaks where there is no room. */
export function Filters({ label, children }: { label: string; children: ReactNode }) {
  return (
    <search aria-label={label} className={styles.filters}>
      {children}
    </search>
  );
}
