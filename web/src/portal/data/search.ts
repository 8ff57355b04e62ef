//! What the search page shows, in the words of the server's query language.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import type { SearchState } from '../../routes/portal';

/** Of pairs of numbers the client knows only that they are numbers. */
export type Hit = Omit<Schemas['HitBody'], 'highlights'> & { highlights: number[][] };
export type Found = Omit<Schemas['FoundBody'], 'hits'> & { hits: Hit[] };

const PAGE_HITS = 60;

const KINDS: Record<Exclude<SearchState['kind'], 'any'>, string> = {
  document: 'kind:document',
  image: 'kind:image',
  media: 'kind:audio,video',
  archive: 'kind:archive',
  folder: 'kind:folder',
};
const CHANGED: Record<Exclude<SearchState['changed'], 'any'>, string> = {
  day: 'changed:1d',
  week: 'changed:7d',
  month: 'changed:30d',
  year: 'changed:1y',
};

export function queryOf({ q, kind, changed, deleted }: SearchState): string {
  const conditions = [
    q.trim(),
    kind !== 'any' && KINDS[kind],
    changed !== 'any' && CHANGED[changed],
    deleted === 'only' && 'deleted:yes',
    deleted === 'no' && 'deleted:no',
  ];
  return conditions.filter(Boolean).join(' ');
}

export const searchQuery = (state: SearchState, zone: string) => {
  const q = queryOf(state);
  const asked = { q, ...(state.dev && { source: state.dev }), sort: state.sort, facets: true, zone };
  return infiniteQueryOptions({
    queryKey: ['search', asked],
    queryFn: ({ signal, pageParam }) => {
      const query = { ...asked, limit: PAGE_HITS, ...(pageParam && { after: pageParam }) };
      return ask(() => api.GET('/portal/v1/search', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: q !== '',
    // What was found before stays until there is something else: nothing blinks while one types.
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
};

const DELETED_MAX = 8;

/** What went last, over all devices. */
export const deletedQuery = queryOptions({
  queryKey: ['deleted'],
  queryFn: async ({ signal }) => {
    const query = { limit: DELETED_MAX };
    return (await ask(() => api.GET('/portal/v1/deleted', { params: { query }, signal }))).items;
  },
  staleTime: 60_000,
});
