import type { ReactNode } from 'react';
import styles from './Fold.module.css';
import { Icon } from './Icon';

interface FoldProps {
  title: string;
  /** Where something in it is not as usual, it is open: what is set must not be hidden. */
  isOpenAtFirst: boolean;
  children: ReactNode;
}

/** What few need: there when it is wanted. */
export function Fold({ title, isOpenAtFirst, children }: FoldProps) {
  return (
    <details className={styles.fold} open={isOpenAtFirst}>
      <summary className={styles.title}>
        <Icon name="chevron-right" className={styles.mark} />
        {title}
      </summary>
      <div className={styles.inside}>{children}</div>
    </details>
  );
}
