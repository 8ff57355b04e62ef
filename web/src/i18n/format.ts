//! Sizes, times and numbers as people of a language write them, in the zone that was chosen.
import { useMemo } from 'react';
import { Stored, useStored } from '../lib/stored';
import { useSpeech } from './language';

/** Empty: the browser's own. */
export const chosenZone = new Stored<string>('zone', '', isZone);

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

type When = string | number | Date;

export interface Format {
  zone: string;
  number(value: number): string;
  percent(share: number): string;
  size(bytes: number | null | undefined): string;
  rate(bytesPerSecond: number): string;
  /** As short as it can be told apart: without the year in this year. */
  date(when: When): string;
  time(when: When): string;
  dateTime(when: When): string;
  /** In full with the zone, for what decides something. */
  moment(when: When): string;
  month(when: When): string;
  /** As in “November 2026”. */
  monthName(when: When): string;
  weekday(when: When): string;
  /** As in “February”: 1 to 12. */
  monthOfYear(month: number): string;
  /** As in “29 February”: of every year. */
  dayOfYear(when: When): string;
  /** As in “2 hours ago”, or the date when that says more. */
  ago(when: When, now?: number): string;
  duration(seconds: number): string;
  list(items: string[]): string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const DAYS_TOLD = 30;

export function formatOf(locale: string, zone: string): Format {
  const timeZone = zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
  const kept = new Map<string, Intl.DateTimeFormat>();
  const dates = (name: string, options: Intl.DateTimeFormatOptions, when: When): string => {
    const format = kept.get(name) ?? new Intl.DateTimeFormat(locale, { timeZone, ...options });
    kept.set(name, format);
    return format.format(new Date(when));
  };
  const units = new Map<string, Intl.NumberFormat>();
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const months = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' });
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });
  const thisYear = (when: When) => new Date(when).getFullYear() === new Date().getFullYear();

  const date = (when: When) =>
    thisYear(when)
      ? dates('day', { day: 'numeric', month: 'short' }, when)
      : dates('date', { day: 'numeric', month: 'short', year: 'numeric' }, when);
  const time = (when: When) => dates('time', { hour: '2-digit', minute: '2-digit' }, when);
  const size = (bytes: number | null | undefined) => (bytes == null ? '' : sized(bytes, locale, units));

  return {
    zone: timeZone,
    number: (value) => numbers.format(value),
    percent: (share) => percents.format(share),
    size,
    rate: (bytes) => `${size(bytes)}/${locale.startsWith('ru') ? 'с' : 's'}`,
    date,
    time,
    dateTime: (when) => `${date(when)}, ${time(when)}`,
    moment: (when) =>
      dates('moment', { dateStyle: 'long', timeStyle: 'short' } as Intl.DateTimeFormatOptions, when) +
      ` ${dates('zone', { timeZoneName: 'short' }, when).split(' ').at(-1) ?? ''}`,
    month: (when) => dates('month', { month: 'short', year: 'numeric' }, when),
    weekday: (when) => dates('weekday', { weekday: 'short' }, when),
    monthName: (when) => dates('monthName', { month: 'long', year: 'numeric' }, when),
    monthOfYear: (month) => months.format(new Date(Date.UTC(2024, month - 1, 15))),
    dayOfYear: (when) => dates('dayOfYear', { day: 'numeric', month: 'long' }, when),
    ago: (when, now = Date.now()) => {
      const seconds = Math.round((new Date(when).getTime() - now) / 1000);
      const [unit, step] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? ['minute', 60];
      const count = Math.trunc(seconds / step);
      return unit === 'day' && Math.abs(count) > DAYS_TOLD ? date(when) : relative.format(count, unit);
    },
    duration: (seconds) => lasting(seconds, locale),
    list: (items) => lists.format(items),
  };
}

function sized(bytes: number, locale: string, kept: Map<string, Intl.NumberFormat>): string {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const key = `${power}.${digits}`;
  const format =
    kept.get(key) ??
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: UNITS[power] ?? 'byte',
      unitDisplay: power === 0 ? 'long' : 'short',
      maximumFractionDigits: digits,
    });
  kept.set(key, format);
  return format.format(value);
}

/** The two largest parts: “2 h 5 min”. */
function lasting(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    ['day', Math.floor(whole / 86_400)],
    ['hour', Math.floor(whole / 3_600) % 24],
    ['minute', Math.floor(whole / 60) % 60],
    ['second', whole % 60],
  ] as const;
  const first = Math.min(
    parts.findIndex(([, count]) => count > 0) === -1 ? 3 : parts.findIndex(([, count]) => count > 0),
    3,
  );
  return parts
    .slice(first, first + 2)
    .filter(([, count], index) => count > 0 || index === 0)
    .map(([unit, count]) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    )
    .join(' ');
}

export function useFormat(): Format {
  const { locale } = useSpeech();
  const zone = useStored(chosenZone);
  return useMemo(() => formatOf(locale, zone), [locale, zone]);
}
