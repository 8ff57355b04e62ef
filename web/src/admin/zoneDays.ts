//! Days of a calendar, as in `2026-11-20`, in a time zone: what a day is depends on who looks.

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export type DayName = string;

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: Date, zone: string): Record<string, number> {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  formats.set(zone, format);
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}

/** The day on which a moment lies. */
export function dayOf(at: Date, zone: string): DayName {
  const { year = 0, month = 0, day = 0 } = partsOf(at, zone);
  return nameOf(Date.UTC(year, month - 1, day));
}

/** By how many seconds the clocks of a zone are ahead of UTC. */
export function offsetOf(at: Date, zone: string): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = partsOf(at, zone);
  const local = Date.UTC(year, month - 1, day, hour, minute);
  return (local - Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS) / 1000;
}

/** When a day begins. Clocks may change on it: the offset that counts is that of its beginning. */
export function beginOf(day: DayName, zone: string): Date {
  const midnight = Date.parse(day);
  const guess = new Date(midnight - offsetOf(new Date(midnight), zone) * 1000);
  return new Date(midnight - offsetOf(guess, zone) * 1000);
}

export const addDays = (day: DayName, count: number): DayName => nameOf(Date.parse(day) + count * DAY_MS);

/** Noon in UTC, which is that day nearly everywhere: for writing its name. */
export const noonOf = (day: DayName): Date => new Date(Date.parse(day) + DAY_MS / 2);

/** The days from one to another, both among them. */
export function daysBetween(first: DayName, last: DayName): DayName[] {
  const count = Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => addDays(first, index));
}

/** Monday is 0. */
export const weekdayOf = (day: DayName): number => (new Date(Date.parse(day)).getUTCDay() + 6) % 7;

/** The first day of a month, as in `2026-11`, and its last. */
export function monthOf(month: string): { first: DayName; last: DayName } {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return { first: nameOf(Date.UTC(year, number - 1, 1)), last: nameOf(Date.UTC(year, number, 0)) };
}

export function addMonths(month: string, count: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return nameOf(Date.UTC(year, number - 1 + count, 1)).slice(0, 7);
}

const nameOf = (utc: number): DayName => new Date(utc).toISOString().slice(0, 10);
