import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { formatOf, useFormat } from '../../i18n/format';
import { useSpeech } from '../../i18n/language';
import { Icon } from '../../ui/Icon';
import { type Column, Table } from '../../ui/Table';
import type { PlanSpec, Schedule } from './plans';
import styles from './RunsTable.module.css';

type NextRun = Schemas['NextRunBody'];

/** Runs that are to come, by the clock of whoever looks, and by the schedule's own where it is another one. */
export function RunsTable({ runs, spec }: { runs: readonly NextRun[]; spec: PlanSpec }) {
  const text = useAdminText();
  const format = useFormat();
  const columns: Column<NextRun>[] = [
    {
      id: 'at',
      head: text('plan.next.at'),
      cell: (run) => (
        <>
          {format.weekday(run.nominal_at)}, {format.dateTime(run.nominal_at)}
          <There run={run} schedule={scheduleOf(spec, run.what)} />
        </>
      ),
    },
    { id: 'what', head: text('plan.next.what'), cell: ({ what }) => text(`plan.what.${what}`) },
    { id: 'due', head: text('plan.next.due'), cell: ({ due_at }) => format.time(due_at) },
  ];
  if (runs.some(({ closes_at }) => closes_at)) {
    columns.push({
      id: 'until',
      head: text('plan.next.until'),
      isExtra: true,
      cell: ({ closes_at }) => (closes_at ? format.dateTime(closes_at) : '–'),
    });
  }
  return (
    <Table
      label={text('plan.next')}
      rows={runs}
      columns={columns}
      keyOf={(run) => `${run.what} ${run.nominal_at}`}
    />
  );
}

/** The same moment by the schedule's clock, and whether the clocks changed it. */
function There({ run, schedule }: { run: NextRun; schedule: Schedule | null }) {
  const text = useAdminText();
  const here = useFormat();
  const { locale } = useSpeech();
  const zone = schedule?.zone;
  if (!schedule || typeof zone !== 'object') return null;
  const there = formatOf(locale, zone.named);
  const time = there.time(run.nominal_at);
  const shifted = isShifted(schedule, formatOf('en-GB', zone.named).time(run.nominal_at));
  return (
    <>
      {zone.named !== here.zone && (
        <span className={styles.there}>
          {there.dateTime(run.nominal_at)} {zone.named}
        </span>
      )}
      {shifted && (
        <span className={styles.shifted}>
          <Icon name="warning" />
          {text('plan.next.shifted', { time })}
        </span>
      )}
    </>
  );
}

const scheduleOf = (spec: PlanSpec, what: NextRun['what']): Schedule | null =>
  (what === 'backup' ? spec.schedule : what === 'prune' ? spec.prune : spec.verify?.schedule) ?? null;

/** Whether a time is none of those that the schedule names: on the day on which clocks change, one of them is not there. */
function isShifted({ rules }: Schedule, time: string): boolean {
  const named = rules.map((rule) => ('calendar' in rule && 'at' in rule.calendar ? rule.calendar.at : null));
  return named.every((times) => times !== null && !times.includes(time));
}
