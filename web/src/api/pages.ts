/** A page of a list, and where the next one begins. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}

/** Items of a page at most: what the server gives at once. */
export const PAGE_ITEMS_MAX = 500;
/** Pages that are read of a list that has to be whole. */
const PAGES_MAX = 20;

/** A whole list, page by page: for names and choices. What people scroll through is paged. */
export async function allOf<T>(
  ask: (query: { limit: number; after?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let count = 0; count < PAGES_MAX; count++) {
    const page = await ask({ limit: PAGE_ITEMS_MAX, ...(after && { after }) });
    items.push(...page.items);
    if (!page.next) break;
    after = page.next;
  }
  return items;
}
