import { usePortalText } from '../../i18n/portal';
import { nameOf } from '../data/address';
import type { Restore } from '../data/restores';

/** What a restore is of, in a few words. */
export function useRestoreName(): (restore: Pick<Restore, 'items'>) => string {
  const text = usePortalText();
  return ({ items }) => {
    const name = nameOf(items[0] ?? '') || '/';
    return items.length <= 1 ? name : text('restore.what', { name, n: items.length });
  };
}
