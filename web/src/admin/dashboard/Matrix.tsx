import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { classes } from '../../lib/classes';
import { useNow } from '../../lib/useNow';
import { toWatch } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { useOrgUid } from '../console';
import { ENDS, type End, endsOf, type JobDay, jobDaysQuery, worstOf } from '../jobDays';
import { Part } from '../parts/Page';
import { addDays, beginOf, type DayName, dayOf, daysBetween, noonOf } from '../zoneDays';
import styles from './Matrix.module.css';
import type { SourceProtection } from './protection';

const ROWS = 40;

/** Shapes, beside colors: not everybody sees those. */
const MARK: Record<End, string> = { succeeded: '■', partial: '▲', failed: '×' };

const ORDER = ['failed', 'late', 'never', 'protected', 'unplanned'];

/** Sources by days: what was saved when. The troubled ones are above. */
export function Matrix({ sources, count }: { sources: readonly SourceProtection[]; count: number }) {
  const text = useAdminText();
  const format = useFormat();
  const [isWhole, setWhole] = useState(false);
  const today = dayOf(new Date(useNow()), format.zone);
  const days = useMemo(() => daysBetween(addDays(today, 1 - count), today), [today, count]);
  const first = days[0] ?? today;
  const ended = useQuery(jobDaysQuery(useOrgUid(), first, today, format.zone)).data;
  const cells = useMemo(() => cellsOf(ended ?? []), [ended]);
  const rows = useMemo(
    () => [...sources].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state)),
    [sources],
  );
  const shown = isWhole ? rows : rows.slice(0, ROWS);
  return (
    <Part title={text('matrix.title')} end={<Legend />}>
      <section className={styles.frame} aria-label={text('matrix.title')} tabIndex={0}>
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">{text('jobs.source')}</th>
              {days.map((day) => (
                <th key={day} scope="col" className={styles.day}>
                  <span className="visually-hidden">{format.date(noonOf(day))}</span>
                  <span aria-hidden="true">{Number(day.slice(8))}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((source) => (
              <tr key={source.source}>
                <th scope="row">
                  <Link href={toWatch.agent(source.agent)}>{source.name}</Link>
                  <span className={styles.machine}>{source.agent_name}</span>
                </th>
                {days.map((day) => (
                  <Cell key={day} source={source} day={day} ended={cells.get(`${source.source} ${day}`)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < rows.length && (
        <div>
          <Button isSmall onPress={() => setWhole(true)}>
            {text('needs.more', { n: rows.length - shown.length })}
          </Button>
        </div>
      )}
    </Part>
  );
}

function Cell({
  source,
  day,
  ended,
}: {
  source: SourceProtection;
  day: DayName;
  ended: JobDay[] | undefined;
}) {
  const text = useAdminText();
  const format = useFormat();
  const ends = endsOf(ended ?? []);
  const worst = worstOf(ends);
  const told = ENDS.filter((end) => ends[end] > 0).map((end) => text(`matrix.${end}`, { n: ends[end] }));
  const words = `${format.date(noonOf(day))}: ${told.length > 0 ? format.list(told) : text('matrix.nothing')}`;
  if (worst === null || worst === 'succeeded') {
    return (
      <td className={classes(styles.cell, worst && styles[worst])} title={words}>
        <span aria-hidden="true">{worst ? MARK[worst] : '·'}</span>
        <span className="visually-hidden">
          {worst ? text(`matrix.${worst}`, { n: ends[worst] }) : text('matrix.nothing')}
        </span>
      </td>
    );
  }
  const link = toWatch.jobs({
    source: source.source,
    since: beginOf(day, format.zone).toISOString(),
    before: beginOf(addDays(day, 1), format.zone).toISOString(),
  });
  return (
    <td className={classes(styles.cell, styles[worst])} title={words}>
      <Link href={link}>
        <span aria-hidden="true">{MARK[worst]}</span>
        <span className="visually-hidden">{`${source.name}, ${words}`}</span>
      </Link>
    </td>
  );
}

function Legend() {
  const text = useAdminText();
  return (
    <ul className={styles.legend} aria-hidden="true">
      {ENDS.map((end) => (
        <li key={end}>
          <span className={styles[end]}>{MARK[end]}</span> {text(`job.state.${end}`)}
        </li>
      ))}
      <li>· {text('matrix.nothing')}</li>
    </ul>
  );
}

/** Backups by source and day. */
function cellsOf(days: readonly JobDay[]): ReadonlyMap<string, JobDay[]> {
  const cells = new Map<string, JobDay[]>();
  for (const one of days) {
    if (one.kind !== 'backup' || !one.source) continue;
    const key = `${one.source} ${one.day}`;
    cells.set(key, [...(cells.get(key) ?? []), one]);
  }
  return cells;
}
