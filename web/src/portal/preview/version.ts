import type { Schemas } from '../../api/types';

export type Version = Schemas['VersionBody'];

/** What an address names a version by: its content; a link has none, and one time of change. */
export const keyOf = (version: Version): string =>
  version.content ?? version.mtime ?? version.target ?? version.kind;

/** The version that is shown: the one that is asked for, else that of a snapshot, else the newest. */
export function chosenVersion(versions: readonly Version[], key: string, at: string): number {
  const named = key ? versions.findIndex((version) => keyOf(version) === key) : -1;
  if (named >= 0) return named;
  const has = (version: Version) =>
    at !== '' && version.snapshots.some((snapshot) => snapshot.id.startsWith(at));
  return Math.max(0, versions.findIndex(has));
}
