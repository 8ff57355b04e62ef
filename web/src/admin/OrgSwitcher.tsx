import { lazy, Suspense } from 'react';
import type { Schemas } from '../api/types';
import { useConsole } from './console';
import styles from './Navigation.module.css';

// Nearly nobody has a choice: who has none does not load what it is made of.
const OrgChoice = lazy(() => import('./OrgChoice'));

/** Which organization one looks at. Who belongs to one sees its name, and has nothing to choose. */
export function OrgSwitcher({ orgs }: { orgs: readonly Schemas['OrgBody'][] }) {
  const { org, isRoot } = useConsole();
  if (!isRoot) return <span className={styles.org}>{org?.title}</span>;
  return (
    <Suspense fallback={<span className={styles.org}>{org?.title}</span>}>
      <OrgChoice orgs={orgs} />
    </Suspense>
  );
}
