//! Schedules and retention in a sentence, so that people need not read rules.
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import type { Schedule } from './plans';

type Calendar = Schemas['Calendar'];
type MonthDay = Schemas['MonthDay'];
export type Day = Schemas['Day'];

export const DAYS: readonly Day[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];
const WORKING = DAYS.slice(0, 5);
const WEEKEND = DAYS.slice(5);

const isSame = (days: readonly Day[], others: readonly Day[]) =>
  days.length === others.length && others.every((day) => days.includes(day));

/** Grammar: in Russian, which Monday has another form than which Wednesday. */
const GENDER: Record<Day, 'm' | 'f' | 'n'> = {
  monday: 'm',
  tuesday: 'm',
  wednesday: 'f',
  thursday: 'm',
  friday: 'f',
  saturday: 'f',
  sunday: 'n',
};

/** “On weekdays at 22:00, by each machine's own clock, spread over 30 minutes.” */
export function useScheduleWords(): (schedule: Schedule | null | undefined) => string {
  const text = useAdminText();
  const format = useFormat();

  const monthDay = (day: MonthDay): string => {
    if (day === 'last') return text('schedule.monthDay.last');
    if ('day' in day) return text('schedule.monthDay', { n: day.day });
    const { nth, day: weekday } = day.weekday;
    return text('schedule.monthDay.weekday', {
      nth: text(`nth.${nth}.${GENDER[weekday]}`),
      day: text(`day.which.${weekday}`),
    });
  };

  const calendar = (rule: Calendar): string => {
    switch (rule.every) {
      case 'hours': {
        const hours = text('schedule.hours', { n: rule.count ?? 1 });
        return rule.minute ? `${hours} ${text('schedule.minute', { minute: rule.minute })}` : hours;
      }
      case 'day':
        return text('schedule.day', { times: format.list(rule.at) });
      case 'week': {
        const times = format.list(rule.at);
        if (isSame(rule.on, DAYS)) return text('schedule.day', { times });
        if (isSame(rule.on, WORKING)) return text('schedule.working', { times });
        if (isSame(rule.on, WEEKEND)) return text('schedule.weekend', { times });
        const days = format.list(
          DAYS.filter((day) => rule.on.includes(day)).map((day) => text(`day.on.${day}`)),
        );
        return text('schedule.week', { days, times });
      }
      case 'month':
        return text('schedule.month', {
          days: format.list(rule.on.map(monthDay)),
          times: format.list(rule.at),
        });
      case 'year': {
        // A year with a 29 February: the day is meant, not the year.
        const day = format.dayOfYear(new Date(2024, rule.month - 1, rule.day, 12));
        return text('schedule.year', { day, times: format.list(rule.at) });
      }
    }
  };

  return (schedule) => {
    if (!schedule || schedule.rules.length === 0) return text('schedule.never');
    const rules = schedule.rules.map((rule) =>
      'cron' in rule ? text('schedule.cron', { cron: rule.cron }) : calendar(rule.calendar),
    );
    const zone = schedule.zone ?? 'agent';
    const parts = [
      rules.map((rule, index) => (index === 0 ? rule : lowered(rule))).join('; '),
      zone === 'agent' ? text('schedule.zone.agent') : text('schedule.zone.named', { zone: zone.named }),
      schedule.jitter_seconds
        ? text('schedule.jitter', { time: format.duration(schedule.jitter_seconds) })
        : '',
      ...(schedule.windows ?? []).map(({ from, to, days = [] }) =>
        [
          text('schedule.window', { from, to }),
          days.length > 0 ? `(${days.map((day) => text(`day.short.${day}`)).join(', ')})` : '',
        ]
          .filter(Boolean)
          .join(' '),
      ),
    ];
    return `${parts.filter(Boolean).join(', ')}.`;
  };
}

/** Within a sentence. */
const lowered = (words: string): string => words.slice(0, 1).toLocaleLowerCase() + words.slice(1);

const COUNTED = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;

/** “The newest 7 days, 5 weeks and 12 months.” */
export function useRetentionWords(): (policy: Schemas['RetentionPolicy'] | null | undefined) => string {
  const text = useAdminText();
  const format = useFormat();
  return (policy) => {
    const keep = policy?.keep;
    const counts = COUNTED.flatMap((rule) => {
      const count = keep?.[rule] ?? 0;
      if (count === 0) return [];
      return [
        count === 'unlimited' ? text(`keep.all.${rule}`) : text(`keep.${rule}`, { n: count as number }),
      ];
    });
    const within = keep?.within ? [text('keep.within', { period: keep.within })] : [];
    const tags = keep?.tags?.length ? [text('keep.tags', { tags: format.list(keep.tags) })] : [];
    const all = [...counts, ...within, ...tags];
    return all.length === 0 ? text('keep.forever') : text('keep.words', { rules: format.list(all) });
  };
}

/** How deeply a verify looks. */
export function useDepthWords(): (depth: Schemas['VerifyDepth'] | undefined) => string {
  const text = useAdminText();
  return (depth) =>
    depth?.depth === 'sampled'
      ? text('verify.depth.sampledOf', { n: depth.percent })
      : text(`verify.depth.${depth?.depth ?? 'metadata'}`);
}
