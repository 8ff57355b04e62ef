import { useQueries, useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/types';
import { plansQuery } from '../names';
import { nextRunsQuery } from '../plans/plans';
import { type DayName, dayOf } from '../zoneDays';

/** What the server tells at once of one plan. */
const RUNS = 100;
/** Plans that are asked about: a calendar of more would say only that every day is full. */
export const PLANS_MAX = 40;

export interface Planned {
  plan: { uid: string; name: string };
  run: Schemas['NextRunBody'];
}

/** Runs that are to come, by the days on which they begin. */
export function usePlanned(org: string, zone: string, onlyBackups: boolean): ReadonlyMap<DayName, Planned[]> {
  const plans = (useQuery(plansQuery(org)).data ?? []).filter(({ enabled }) => enabled).slice(0, PLANS_MAX);
  return useQueries({
    queries: plans.map(({ uid }) => nextRunsQuery(org, uid, RUNS)),
    combine: (answers) => {
      const days = new Map<DayName, Planned[]>();
      answers.forEach(({ data }, index) => {
        const plan = plans[index];
        if (!plan) return;
        for (const run of data?.items ?? []) {
          if (onlyBackups && run.what !== 'backup') continue;
          const day = dayOf(new Date(run.due_at), zone);
          days.set(day, [...(days.get(day) ?? []), { plan, run }]);
        }
      });
      for (const planned of days.values()) {
        planned.sort((one, other) => one.run.due_at.localeCompare(other.run.due_at));
      }
      return days;
    },
  });
}
