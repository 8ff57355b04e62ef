//! Moments as people write them: “17.09.2026 15:02”, “вчера 15:00”, “3 days ago”, “Sep 17”.
import { dayOf, inZone } from './zoned';

export interface TypedIn {
  now: number;
  zone: string;
  /** Whether 9/10 is the ninth of October; the tenth of September in the United States. */
  isDayFirst: boolean;
}

const MONTHS = [
  /^(jan|янв)/,
  /^(feb|фев)/,
  /^(mar|мар)/,
  /^(apr|апр)/,
  /^(may|май|мая)/,
  /^(jun|июн)/,
  /^(jul|июл)/,
  /^(aug|авг)/,
  /^(sep|сен)/,
  /^(oct|окт)/,
  /^(nov|ноя)/,
  /^(dec|дек)/,
];
const DAYS_AGO: Record<string, number> = {
  today: 0,
  yesterday: 1,
  сегодня: 0,
  вчера: 1,
  позавчера: 2,
};
const UNITS: [RegExp, 'minutes' | 'days' | 'months', number][] = [
  [/^(min|мин)/, 'minutes', 1],
  [/^(h|час)/, 'minutes', 60],
  [/^(d|дн|день|дня|дней|сут)/, 'days', 1],
  [/^(w|нед)/, 'days', 7],
  [/^(mon|мес)/, 'months', 1],
  [/^(y|год|лет)/, 'months', 12],
];
const DAY_MS = 86_400_000;

/** The time that is meant; a day without a time is its end, as everything that happened on it is meant. Null: no time at all. */
export function typedMoment(typed: string, given: TypedIn): Date | null {
  const words = typed
    .trim()
    .toLocaleLowerCase()
    .replace(/\s+г\.?(?=[\s,]|$)/, '')
    .replace(/(?<=\d)t(?=\d)/, ' ')
    .replace(/\s(msk|мск|gmt|utc)([+-]\d+)?$/, '');
  const ago = /^(\d+)\s*([a-zа-я]+)\.?\s*(?:ago|назад)$/.exec(words);
  if (ago) return backBy(Number(ago[1]), ago[2] ?? '', given);
  const clock = /(?:^|[\s,]|\bat\s|\bв\s)\s*(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(words);
  const date = (clock ? words.slice(0, clock.index) : words).replace(/(,|\bat|\sв)\s*$/, '').trim();
  const day =
    date === '' && clock ? dayOf(new Date(given.now).toISOString(), given.zone) : dayIn(date, given);
  if (!day) return null;
  const [hour, minute] = [Number(clock?.[1]), Number(clock?.[2])];
  if (clock && (hour > 23 || minute > 59)) return null;
  const time = clock ? `${two(hour)}:${two(minute)}:59` : '23:59:59';
  return inZone(`${day}T${time}`, given.zone);
}

/** A day as `2026-09-17`. */
function dayIn(date: string, { now, zone, isDayFirst }: TypedIn): string | null {
  const today = dayOf(new Date(now).toISOString(), zone);
  const before = DAYS_AGO[date];
  if (before !== undefined) return moved(today, -before);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(date);
  if (iso) return real(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const parts = /^(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?\.?$/.exec(date);
  if (parts) {
    const [one, other] = [Number(parts[1]), Number(parts[3])];
    // With dots the day is first everywhere.
    const [day, month] = isDayFirst || parts[2] === '.' ? [one, other] : [other, one];
    return withYear(parts[4], month, day, today);
  }
  const named =
    /^(\d{1,2})\.?\s+([a-zа-я]{3,})\.?,?(?:\s+(\d{4}))?$/.exec(date) ??
    /^(?<month>[a-zа-я]{3,})\.?\s+(?<day>\d{1,2}),?(?:\s+(?<year>\d{4}))?$/.exec(date);
  if (!named) return null;
  const { day, month, year } = named.groups ?? { day: named[1], month: named[2], year: named[3] };
  const at = MONTHS.findIndex((name) => name.test(month ?? ''));
  return at === -1 ? null : withYear(year, at + 1, Number(day), today);
}

/** Without a year it is the last time that there was such a day. */
function withYear(year: string | undefined, month: number, day: number, today: string): string | null {
  if (year) return real(year.length === 2 ? 2000 + Number(year) : Number(year), month, day);
  const thisYear = real(Number(today.slice(0, 4)), month, day);
  if (thisYear && thisYear <= today) return thisYear;
  return real(Number(today.slice(0, 4)) - 1, month, day);
}

function real(year: number, month: number, day: number): string | null {
  const name = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const time = Date.parse(`${name}T00:00:00Z`);
  return year >= 1970 && !Number.isNaN(time) && new Date(time).getUTCDate() === day ? name : null;
}

function backBy(count: number, unit: string, { now, zone }: TypedIn): Date | null {
  const found = UNITS.find(([name]) => name.test(unit));
  if (!found) return null;
  const [, of, each] = found;
  if (of === 'minutes') return new Date(now - count * each * 60_000);
  const today = dayOf(new Date(now).toISOString(), zone);
  if (of === 'days') return inZone(`${moved(today, -count * each)}T23:59:59`, zone);
  const months = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7)) - 1 - count * each;
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  // The 31st of a month that has none is its last day.
  const lengthOf = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const day = real(year, month, Math.min(lengthOf, Number(today.slice(8, 10))));
  return day === null ? null : inZone(`${day}T23:59:59`, zone);
}

const moved = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
const two = (value: number) => String(value).padStart(2, '0');
