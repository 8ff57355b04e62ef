import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../api/client';
import type { Schemas } from '../api/types';
import { ofOrg } from './keys';
import { addDays, beginOf, type DayName, offsetOf } from './zoneDays';

export type JobDay = Schemas['JobDayBody'];

/** How many jobs ended on each day, and how: from one day to another, by the clocks of a zone. */
export const jobDaysQuery = (org: string, first: DayName, last: DayName, zone: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'job-days', first, last, zone),
    queryFn: async ({ signal }) => {
      const since = beginOf(first, zone);
      const query = {
        since: since.toISOString(),
        before: beginOf(addDays(last, 1), zone).toISOString(),
        utc_offset: offsetOf(since, zone),
      };
      const { items } = await ask(() =>
        api.GET('/api/v1/orgs/{org}/job-days', { params: { path: { org }, query }, signal }),
      );
      return items;
    },
  });

export const ENDS = ['succeeded', 'partial', 'failed'] as const;
export type End = (typeof ENDS)[number];
export type Ends = Record<End, number>;

export const NO_ENDS: Ends = { succeeded: 0, partial: 0, failed: 0 };

/** Jobs by how they ended. Those that were given up are neither good nor bad. */
export function endsOf(days: readonly JobDay[]): Ends {
  const ends = { ...NO_ENDS };
  for (const { state, count } of days) {
    const end = ENDS.find((one) => one === state);
    if (end) ends[end] += count;
  }
  return ends;
}

/** The worst of them; nothing where nothing ended. */
export function worstOf({ succeeded, partial, failed }: Ends): End | null {
  if (failed > 0) return 'failed';
  if (partial > 0) return 'partial';
  return succeeded > 0 ? 'succeeded' : null;
}
