import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type Snapshot = Schemas['SnapshotBody'];
export type ListedSnapshot = Schemas['ListedSnapshotBody'];
export type Hold = Schemas['HoldBody'];
export type Held = Schemas['HeldBody'];

/** As much of an id as people compare. */
export const shortId = (id: string): string => id.slice(0, 8);

export const snapshotQuery = (org: string, repository: string, snapshot: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'snapshots', 'one', repository, snapshot),
    queryFn: ({ signal }) =>
      ask(() =>
        api.GET('/api/v1/orgs/{org}/repositories/{repository}/snapshots/{snapshot}', {
          params: { path: { org, repository, snapshot } },
          signal,
        }),
      ),
  });

/** All of an organization's: they are few, as each is put there by a person. */
export const holdsQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'holds'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/holds', { params: { path: { org }, query }, signal })),
      ),
  });
