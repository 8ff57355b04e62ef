import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { classes } from '../../lib/classes';
import { useNow } from '../../lib/useNow';
import { calendarState, toWatch } from '../../routes/adminWatch';
import { useSearchState } from '../../routes/useSearchState';
import { Button, IconButton } from '../../ui/Button';
import { Segments } from '../../ui/Choice';
import { ErrorNotice } from '../../ui/ErrorView';
import { useOrgUid } from '../console';
import { ENDS, type End, type Ends, endsOf, jobDaysQuery, NO_ENDS, worstOf } from '../jobDays';
import { Page } from '../parts/Page';
import { DAYS } from '../plans/words';
import {
  addDays,
  addMonths,
  type DayName,
  dayOf,
  daysBetween,
  monthOf,
  noonOf,
  weekdayOf,
} from '../zoneDays';
import styles from './Calendar.module.css';
import { DayPart } from './DayPart';
import { usePlanned } from './planned';

const MARK: Record<End, string> = { succeeded: '✓', partial: '▲', failed: '×' };
const WORD = { succeeded: 'calendar.done', partial: 'calendar.partial', failed: 'calendar.failed' } as const;

/** A month: what ended on each day, and what is planned. */
export default function Calendar() {
  const text = useAdminText();
  const format = useFormat();
  const org = useOrgUid();
  const [state, setState] = useSearchState(calendarState);
  const today = dayOf(new Date(useNow()), format.zone);
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(state.month) ? state.month : today.slice(0, 7);
  const weeks = useMemo(() => weeksOf(month), [month]);
  const first = weeks[0]?.[0] ?? today;
  const last = weeks.at(-1)?.[6] ?? today;
  const ended = useQuery({
    ...jobDaysQuery(org, first, last, format.zone),
    placeholderData: (before) => before,
  });
  const onlyBackups = state.kind === 'backup';
  const planned = usePlanned(org, format.zone, onlyBackups);
  const ends = useMemo(() => {
    const items = (ended.data ?? []).filter(({ kind }) => !onlyBackups || kind === 'backup');
    return new Map(
      daysBetween(first, last).map((day) => [day, endsOf(items.filter((one) => one.day === day))]),
    );
  }, [ended.data, onlyBackups, first, last]);
  const go = (to: string) =>
    setState({ month: to === today.slice(0, 7) ? '' : to, day: '' }, { isStep: true });

  return (
    <Page title={text('calendar.title')} words={text('calendar.words')}>
      <div className={styles.bar}>
        <div className={styles.move}>
          <IconButton
            icon="chevron-left"
            aria-label={text('calendar.before')}
            onPress={() => go(addMonths(month, -1))}
          />
          <h2 className={styles.month}>{format.monthName(noonOf(`${month}-01`))}</h2>
          <IconButton
            icon="chevron-right"
            aria-label={text('calendar.after')}
            onPress={() => go(addMonths(month, 1))}
          />
          {month !== today.slice(0, 7) && (
            <Button isSmall onPress={() => go(today.slice(0, 7))}>
              {text('calendar.today')}
            </Button>
          )}
        </div>
        <Segments
          label={text('calendar.kind')}
          value={state.kind}
          onChange={(kind) => setState({ kind }, { isStep: true })}
          options={(['backup', 'all'] as const).map((value) => ({
            value,
            label: text(`calendar.kind.${value}`),
          }))}
        />
      </div>
      {ended.error && !ended.data && <ErrorNotice error={ended.error} onRetry={() => void ended.refetch()} />}
      <table className={styles.calendar}>
        <thead>
          <tr>
            {DAYS.map((day) => (
              <th key={day} scope="col">
                <abbr title={text(`day.which.${day}`)}>{text(`day.short.${day}`)}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((day) => (
                <Day
                  key={day}
                  day={day}
                  ends={ends.get(day) ?? NO_ENDS}
                  planned={planned.get(day)?.length ?? 0}
                  isOther={!day.startsWith(month)}
                  isToday={day === today}
                  isChosen={day === state.day}
                  href={toWatch.calendar({ ...state, day: day === state.day ? '' : day })}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {state.day && (
        <DayPart
          day={state.day}
          planned={planned.get(state.day) ?? []}
          onlyBackups={onlyBackups}
          onClose={() => setState({ day: '' }, { isStep: true })}
        />
      )}
    </Page>
  );
}

interface DayProps {
  day: DayName;
  ends: Ends;
  planned: number;
  isOther: boolean;
  isToday: boolean;
  isChosen: boolean;
  href: string;
}

function Day({ day, ends, planned, isOther, isToday, isChosen, href }: DayProps) {
  const text = useAdminText();
  const format = useFormat();
  const worst = worstOf(ends);
  const told = [
    ...ENDS.filter((end) => ends[end] > 0).map((end) => text(WORD[end], { n: ends[end] })),
    ...(planned > 0 ? [text('calendar.planned', { n: planned })] : []),
  ];
  const words = told.length > 0 ? format.list(told) : text('calendar.nothing');
  return (
    <td
      className={classes(
        styles.cell,
        isOther && styles.other,
        worst && styles[worst],
        isChosen && styles.chosen,
      )}
    >
      <Link href={href} className={styles.day} aria-current={isToday ? 'date' : undefined}>
        <span className="visually-hidden">{`${format.date(noonOf(day))}: ${words}`}</span>
        <span aria-hidden="true" className={classes(styles.number, isToday && styles.today)}>
          {Number(day.slice(8))}
        </span>
        <span aria-hidden="true" className={styles.ends}>
          {ENDS.map(
            (end) =>
              ends[end] > 0 && (
                <span key={end} className={styles[`${end}Word`]}>
                  {MARK[end]} {format.number(ends[end])}
                </span>
              ),
          )}
          {planned > 0 && <span className={styles.planned}>◷ {format.number(planned)}</span>}
        </span>
      </Link>
    </td>
  );
}

/** The weeks that a month touches, whole, from Monday on. */
function weeksOf(month: string): DayName[][] {
  const { first, last } = monthOf(month);
  const from = addDays(first, -weekdayOf(first));
  const to = addDays(last, 6 - weekdayOf(last));
  const days = daysBetween(from, to);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}
