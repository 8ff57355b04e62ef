import { lazy, type ReactNode, Suspense, useSyncExternalStore } from 'react';
import styles from './Browse.module.css';

const Drawer = lazy(() => import('../../ui/Dialog').then((module) => ({ default: module.Drawer })));

interface BesideProps {
  isOpen: boolean;
  title: string;
  onClose: () => void;
  beside: ReactNode;
  children: ReactNode;
}

/** A list, and what is looked at beside it; where there is no room, over it. */
export function Beside({ isOpen, title, onClose, beside, children }: BesideProps) {
  const isWide = useSyncExternalStore(listen, () => WIDE.matches);
  return (
    <div className={styles.split} data-open={isOpen && isWide}>
      <div className={styles.list}>{children}</div>
      {isOpen && isWide && (
        <aside aria-label={title} className={styles.beside}>
          {beside}
        </aside>
      )}
      {!isWide && isOpen && (
        <Suspense>
          <Drawer title={title} isOpen onClose={onClose}>
            {beside}
          </Drawer>
        </Suspense>
      )}
    </div>
  );
}

const WIDE = window.matchMedia('(min-width: 1000px)');

function listen(changed: () => void): () => void {
  WIDE.addEventListener('change', changed);
  return () => WIDE.removeEventListener('change', changed);
}
