import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { diffState, to } from '../../routes/portal';
import { useSearchState } from '../../routes/useSearchState';
import { Button, IconButton, LinkButton } from '../../ui/Button';
import { Segments, Select } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { Beside } from '../browse/Beside';
import { ChosenProvider, useChosen, useChosenState } from '../browse/chosen';
import { addressOf, nameOf, ROOT, shown } from '../data/address';
import { useDevice } from '../data/sources';
import { type Point, timelineQuery } from '../data/timeline';
import { useTitle } from '../Page';
import { alarmOf } from './alarm';
import { saveCsv } from './csv';
import styles from './Diff.module.css';
import { DiffAlarm } from './DiffAlarm';
import { DiffDetail } from './DiffDetail';
import { DiffGrid } from './DiffGrid';
import { LINES_MAX, useDiff } from './useDiff';
import { type Side, useSide } from './useSide';

const ChosenBar = lazy(() => import('../browse/ChosenBar').then((module) => ({ default: module.ChosenBar })));

const KINDS = ['all', 'added', 'changed', 'removed', 'moved'] as const;

/** P6: what differs between two snapshots of a device. */
export function Diff({ device: source }: { device: string }) {
  const { data, error } = useQuery(timelineQuery(source, ROOT));
  const [state] = useSearchState(diffState);
  const chosen = useChosenState();
  const later = useSide(source, data?.points, state.b);
  const earlier = useSide(source, data?.points, state.a);
  const failed = error ?? later.error ?? earlier.error;
  if (failed) return <ErrorView error={failed} />;
  if (!data || !later.side || !earlier.side) return <Skeleton lines={6} height={30} />;
  // Without a word about it: what changed last.
  const before = state.a === '' ? data.points.at(-2) : undefined;
  return (
    <ChosenProvider value={chosen}>
      <Differences source={source} points={data.points} from={before ?? earlier.side} until={later.side} />
    </ChosenProvider>
  );
}

interface DifferencesProps {
  source: string;
  points: readonly Point[];
  from: Side;
  until: Side;
}

function Differences({ source, points, from, until }: DifferencesProps) {
  const text = usePortalText();
  const format = useFormat();
  const device = useDevice(source);
  const [state, set] = useSearchState(diffState);
  const [current, setCurrent] = useState(0);
  const [open, setOpen] = useState<number | null>(null);
  useTitle(text('diff.title'), device.name);

  const found = useDiff({
    source,
    from: from.id,
    to: until.id,
    folder: state.p,
    kind: state.kind,
  });
  const needle = state.f.toLocaleLowerCase();
  const lines = useMemo(
    () =>
      needle ? found.lines.filter((line) => line.path.toLocaleLowerCase().includes(needle)) : found.lines,
    [found.lines, needle],
  );
  const alarm = useMemo(() => alarmOf(found.lines), [found.lines]);
  const chosen = useChosen();
  const opened = open === null ? undefined : lines[open];
  const change = (next: Parameters<typeof set>[0]) => {
    setOpen(null);
    setCurrent(0);
    // Of other snapshots, other things are taken.
    chosen.clear();
    set(next, { isStep: true });
  };

  if (found.error) return <ErrorView error={found.error} />;
  const hidden = [from, until].filter((side) => !points.some((point) => point.id === side.id));
  const moments = [...points, ...hidden]
    .toSorted((one, other) => Date.parse(other.taken_at) - Date.parse(one.taken_at))
    .map(({ id, taken_at }) => ({ value: id.slice(0, 16), label: format.dateTime(taken_at) }));
  return (
    <div className={styles.diff}>
      <header className={styles.head}>
        <h1>{text('diff.title')}</h1>
        <p className={styles.soft}>
          {device.name}
          {state.p !== ROOT && ` · ${text('diff.in', { folder: shown(state.p) })}`}
        </p>
        {state.p !== ROOT && (
          <Button isSmall look="quiet" onPress={() => change({ p: ROOT })}>
            {text('diff.everywhere')}
          </Button>
        )}
      </header>
      <div className={styles.bar}>
        <Select
          label={text('diff.from')}
          options={moments}
          value={from.id.slice(0, 16)}
          onChange={(a) => change({ a, b: until.id.slice(0, 16) })}
        />
        <IconButton
          icon="compare"
          look="plain"
          aria-label={text('diff.swap')}
          onPress={() => change({ a: until.id.slice(0, 16), b: from.id.slice(0, 16) })}
        />
        <Select
          label={text('diff.to')}
          options={moments}
          value={until.id.slice(0, 16)}
          onChange={(b) => change({ b, a: from.id.slice(0, 16) })}
        />
        <span className={styles.gap} />
        <Field label={text('diff.filter')} value={state.f} onChange={(f) => set({ f })} />
      </div>
      <div className={styles.bar}>
        <Segments
          label={text('diff.kinds')}
          value={state.kind}
          onChange={(kind) => change({ kind })}
          options={KINDS.map((value) => ({ value, label: text(`diff.${value}`) }))}
        />
        <span className={styles.gap} />
        <p role="status" className={styles.soft}>
          {text(found.state === 'reading' ? 'diff.reading' : 'diff.count', { n: lines.length })}
        </p>
        <Button isSmall icon="download" isDisabled={lines.length === 0} onPress={() => saveCsv(lines)}>
          {text('diff.csv')}
        </Button>
        <LinkButton isSmall icon="folder" href={to.browse(source, { at: from.id.slice(0, 16), p: state.p })}>
          {text('diff.browse', { moment: format.dateTime(from.taken_at) })}
        </LinkButton>
      </div>
      {alarm && (
        <DiffAlarm
          alarm={alarm}
          source={source}
          folder={state.p}
          clean={from}
          mayRestore={device.uses.includes('restore')}
        />
      )}
      {found.state === 'cut' && <Notice tone="warn">{text('diff.tooMany', { n: LINES_MAX })}</Notice>}
      {found.state === 'broken' && <Notice tone="bad">{text('diff.broken.words')}</Notice>}
      {found.state === 'done' && lines.length === 0 ? (
        <Empty icon="done" title={text('diff.none')}>
          {text('diff.noneWords')}
        </Empty>
      ) : (
        <Beside
          isOpen={opened !== undefined}
          title={opened ? nameOf(addressOf(opened)) : ''}
          onClose={() => setOpen(null)}
          beside={
            opened && (
              <DiffDetail
                key={addressOf(opened)}
                source={source}
                line={opened}
                from={from}
                until={until}
                onClose={() => setOpen(null)}
              />
            )
          }
        >
          <DiffGrid lines={lines} from={from.id} current={current} onCurrent={setCurrent} onOpen={setOpen} />
        </Beside>
      )}
      <Suspense>
        {chosen.items.size > 0 && (
          <>
            <p className={styles.soft}>{text('diff.asOf', { moment: format.moment(from.taken_at) })}</p>
            <ChosenBar source={source} uses={device.uses} />
          </>
        )}
      </Suspense>
    </div>
  );
}
