import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Item } from '../browse/chosen';

const NewRestore = lazy(() => import('./NewRestore').then((module) => ({ default: module.NewRestore })));

export interface Wanted {
  source: string;
  items: readonly Item[];
}

interface RestoreDialogControl {
  open: (wanted: Wanted) => void;
  dialog: ReactNode;
}

/** The dialog that asks where things are to be put back. Render `dialog` where it is opened. */
export function useRestoreDialog(): RestoreDialogControl {
  const [wanted, setWanted] = useState<Wanted | null>(null);
  return {
    open: (asked) => asked.items.length > 0 && setWanted(asked),
    dialog: wanted && (
      <Suspense>
        <NewRestore {...wanted} onClose={() => setWanted(null)} />
      </Suspense>
    ),
  };
}
