import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type Snapshot = Schemas['SnapshotBody'];
export type Hold = Schemas['HoldBody'];

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

/** Days as the browser's own field writes them, as times of this browser's zone: from the first moment, to the last. */
export const fromDay = (day: string): { since?: string } =>
  isDay(day) ? { since: new Date(`${day}T00:00:00`).toISOString() } : {};

export function afterDay(day: string): string | undefined {
  if (!isDay(day)) return undefined;
  const next = new Date(`${day}T00:00:00`);
  next.setDate(next.getDate() + 1);
  return next.toISOString();
}

const isDay = (day: string) =>
  /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(new Date(`${day}T00:00:00`).getTime());
