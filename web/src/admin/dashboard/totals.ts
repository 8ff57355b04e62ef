import type { Usage } from '../repositories/repositories';
import { addDays, type DayName, dayOf } from '../zoneDays';

export interface DayTotal {
  day: DayName;
  stored: number;
}

/**
 * What all repositories held together on each of the last days: a repository counts with its last measurement of that day, or
 * before. Days before the first measurement of any are left out.
 */
export function totalsOf(usages: readonly (readonly Usage[])[], count: number, zone: string): DayTotal[] {
  const held = usages.map(
    (usage) => new Map(usage.map((one) => [dayOf(new Date(one.measured_at), zone), one])),
  );
  const all = held.flatMap((days) => [...days.keys()]).sort();
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return [];
  const from = addDays(last, 1 - count);
  const now = usages.map(() => 0);
  const totals: DayTotal[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) {
    held.forEach((days, index) => {
      now[index] = days.get(day)?.stored_bytes ?? now[index] ?? 0;
    });
    if (day >= from) totals.push({ day, stored: now.reduce((sum, bytes) => sum + bytes, 0) });
  }
  return totals;
}
