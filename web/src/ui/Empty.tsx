import type { ReactNode } from 'react';
import styles from './Empty.module.css';
import { Icon, type IconName } from './Icon';

interface EmptyProps {
  icon?: IconName;
  title: string;
  /** What to do about it. */
  children?: ReactNode;
  actions?: ReactNode;
  /** It stands in place of a page. */
  isPage?: boolean;
}

/** Nothing is here: why, and what one can do. */
export function Empty({ icon = 'folder', title, children, actions, isPage = false }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.picture}>
        <Icon name={icon} />
      </span>
      {isPage ? <h1 className={styles.title}>{title}</h1> : <h2>{title}</h2>}
      {children && <div className={styles.words}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
