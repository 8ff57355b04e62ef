import type { ReactNode } from 'react';
import type { Item } from '../browse/chosen';

interface Wanted {
  source: string;
  items: readonly Item[];
}

interface RestoreDialogControl {
  isThere: boolean;
  open: (wanted: Wanted) => void;
  dialog: ReactNode;
}

/** Restoring to a device waits for the server's side of it: until then nothing offers it. */
export function useRestoreDialog(): RestoreDialogControl {
  return { isThere: false, open: () => undefined, dialog: null };
}
