//! A folder at a time, page by page, from any row on.
import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { type Address, pathOf } from './address';

export type Entry = Schemas['EntryBody'];
export type Folder = Schemas['TreeBody'];

export const PAGE_ROWS = 200;

/** Which folder, when, and how it is listed. */
export interface FolderAsked {
  source: string;
  at: string;
  folder: Address;
  /** A part of the names. */
  contains: string;
  sort: 'name' | 'size' | 'mtime';
  isDescending: boolean;
  withDeleted: boolean;
  language: string;
}

export const pageQuery = (asked: FolderAsked, page: number) =>
  queryOptions({
    queryKey: ['tree', asked.source, asked, page],
    queryFn: ({ signal }): Promise<Folder> => {
      const query = {
        ...(asked.at && { at: asked.at }),
        ...pathOf(asked.folder),
        ...(asked.contains && { contains: asked.contains }),
        sort: asked.sort,
        descending: asked.isDescending,
        deleted: asked.withDeleted,
        lang: asked.language,
        limit: PAGE_ROWS,
        ...(page > 0 && { offset: page * PAGE_ROWS }),
      };
      const path = { source: asked.source };
      return ask(() => api.GET('/portal/v1/sources/{source}/tree', { params: { path, query }, signal }));
    },
    // What was, does not change; what is newest, does.
    staleTime: asked.at ? Number.POSITIVE_INFINITY : 60_000,
    gcTime: 60_000,
  });

export const isFolder = (entry: Pick<Entry, 'kind'>): boolean => entry.kind === 'dir';

const WAY_MAX = 8;

/** Where one begins to look: down from the root, as long as there is but one way. */
export const startQuery = (source: string, language: string) =>
  queryOptions({
    queryKey: ['start', source],
    queryFn: async (): Promise<Address> => {
      let at: Address = '/';
      for (let depth = 0; depth < WAY_MAX; depth++) {
        const path = { source };
        const query = { path: at, limit: 2, lang: language };
        const { entries } = await ask(() =>
          api.GET('/portal/v1/sources/{source}/tree', { params: { path, query } }),
        );
        const only = entries[0];
        if (entries.length !== 1 || !only || !isFolder(only) || only.name_base64) break;
        at = at === '/' ? `/${only.name}` : `${at}/${only.name}`;
      }
      return at;
    },
    staleTime: 300_000,
  });
