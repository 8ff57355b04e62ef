import { Link } from 'wouter';
import { classes } from '../lib/classes';
import styles from './Tabs.module.css';

export interface TabLink {
  href: string;
  label: string;
  isCurrent: boolean;
}

/** Parts of a page. Each has an address, so that they are links and not buttons. */
export function Tabs({ label, tabs }: { label: string; tabs: TabLink[] }) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          aria-current={tab.isCurrent ? 'page' : undefined}
          className={classes(styles.tab, tab.isCurrent && styles.current)}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
