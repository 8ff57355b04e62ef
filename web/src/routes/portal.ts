//! Every link of the portal, and nothing else makes one.
import { codec, flag, oneOf, text } from './codec';

export const browseState = codec({
  /** A snapshot's id or a time; empty: the newest. */
  at: text(),
  /** The folder; empty: where there is something to choose. */
  p: text(),
  f: text(),
  sort: oneOf('name', '-name', 'size', '-size', 'mtime', '-mtime'),
  deleted: flag(true),
  /** What is previewed: a name in the folder, and the content of it, if not the one shown. */
  pv: text(),
  v: text(),
});
export type BrowseState = ReturnType<typeof browseState.read>;

export const searchState = codec({
  q: text(),
  dev: text(),
  kind: oneOf('any', 'document', 'image', 'media', 'archive', 'folder'),
  changed: oneOf('any', 'day', 'week', 'month', 'year'),
  deleted: oneOf('also', 'only', 'no'),
  sort: oneOf('best', 'newest', 'oldest', 'name', 'largest', 'smallest'),
  /** The hit that is shown beside the list: source and path. */
  sel: text(),
});
export type SearchState = ReturnType<typeof searchState.read>;

export const fileState = codec({ p: text('/'), v: text(), cmp: text() });
export type FileState = ReturnType<typeof fileState.read>;

export const diffState = codec({
  a: text(),
  b: text(),
  p: text('/'),
  kind: oneOf('all', 'added', 'changed', 'removed', 'moved'),
  f: text(),
});
export type DiffState = ReturnType<typeof diffState.read>;

/** Why a provider's answer was no way in: the server's words for it. */
export const REFUSALS = [
  'declined',
  'settings',
  'late',
  'nothing',
  'taken',
  'gone',
  'away',
  'refused',
] as const;

export const signInState = codec({ next: text('/'), org: text(), error: oneOf('', ...REFUSALS) });

/** As wouter matches them. */
export const portalPaths = {
  signIn: '/sign-in',
  setUp: '/set-up',
  password: '/password',
  home: '/',
  search: '/search',
  device: '/d/:device',
  browse: '/d/:device/browse',
  file: '/d/:device/file',
  diff: '/d/:device/diff',
  restores: '/restores',
  restore: '/restores/:restore',
  shared: '/share/:place',
  settings: '/settings/:tab?',
  letIn: '/let-in',
} as const;

export const to = {
  home: () => '/',
  signIn: (next?: string) => `/sign-in${signInState.write(next ? { next } : {})}`,
  search: (state: Partial<SearchState> = {}) => `/search${searchState.write(state)}`,
  device: (device: string) => `/d/${device}`,
  browse: (device: string, state: Partial<BrowseState> = {}) =>
    `/d/${device}/browse${browseState.write(state)}`,
  file: (device: string, state: Partial<FileState>) => `/d/${device}/file${fileState.write(state)}`,
  diff: (device: string, state: Partial<DiffState> = {}) => `/d/${device}/diff${diffState.write(state)}`,
  restores: () => '/restores',
  restore: (restore: string) => `/restores/${restore}`,
  shared: (place: string) => `/share/${place}`,
  settings: (tab?: string) => (tab ? `/settings/${tab}` : '/settings'),
  letIn: () => '/let-in',
  console: () => '/admin',
};
