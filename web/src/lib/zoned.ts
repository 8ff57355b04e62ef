/** How far a zone is ahead of UTC at a time, in milliseconds. */
function offsetOf(time: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(time);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const there = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return there - Math.floor(time / 1000) * 1000;
}

/** What a clock in a zone shows (`2026-11-21T15:02:00`), as a time. */
export function inZone(shown: string, zone: string): Date {
  const utc = Date.parse(`${shown}Z`);
  // Twice, as the offset may change between there and here.
  const near = utc - offsetOf(utc, zone);
  return new Date(utc - offsetOf(near, zone));
}

/** The last second of a day (`2026-11-21`) in a zone. */
export const endOfDay = (day: string, zone: string): Date => inZone(`${day}T23:59:59`, zone);

/** The day of a time in a zone, as `2026-11-21`. */
export const dayOf = (time: string, zone: string): string =>
  new Date(Date.parse(time) + offsetOf(Date.parse(time), zone)).toISOString().slice(0, 10);
