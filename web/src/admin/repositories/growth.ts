import type { Usage } from './repositories';

const WEEK_MS = 7 * 86_400_000;

export interface Growth {
  bytesPerWeek: number;
  /** When the limit is reached, if it goes on like this; null: never, or there is none. */
  fullOn: Date | null;
}

const timeOf = (usage: Usage) => new Date(usage.measured_at).getTime();

/** How a repository has grown in its last week, the oldest measurement first; null: too little is known. */
export function growthOf(usage: readonly Usage[], bytesMax: number | null | undefined): Growth | null {
  const last = usage.at(-1);
  if (!last) return null;
  const first = usage.find((one) => timeOf(last) - timeOf(one) <= WEEK_MS);
  const span = first ? timeOf(last) - timeOf(first) : 0;
  // Less than a day says nothing about a week.
  if (!first || span < WEEK_MS / 7) return null;
  const bytesPerWeek = ((last.stored_bytes - first.stored_bytes) / span) * WEEK_MS;
  if (bytesMax == null || bytesPerWeek <= 0) return { bytesPerWeek, fullOn: null };
  const left = Math.max(0, bytesMax - last.stored_bytes);
  return { bytesPerWeek, fullOn: new Date(timeOf(last) + (left / bytesPerWeek) * WEEK_MS) };
}
