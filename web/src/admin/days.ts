//! Days as the browser's own field writes them (`2026-11-20`), and the times at which they begin and end in this browser's zone.

const isDay = (day: string) =>
  /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(new Date(`${day}T00:00:00`).getTime());

/** From the first moment of a day on; nothing, if nothing is chosen. */
export const fromDay = (day: string): { since?: string } =>
  isDay(day) ? { since: new Date(`${day}T00:00:00`).toISOString() } : {};

/** The moment at which a day is over. */
export function afterDay(day: string): string | undefined {
  if (!isDay(day)) return undefined;
  const next = new Date(`${day}T00:00:00`);
  next.setDate(next.getDate() + 1);
  return next.toISOString();
}
