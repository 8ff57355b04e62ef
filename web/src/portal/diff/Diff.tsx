import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
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
import { addressOf, nameOf, ROOT, shown } from '../data/address';
import { useDevice } from '../data/sources';
import { type Point, pointAt, timelineQuery } from '../data/timeline';
import { useTitle } from '../Page';
import { saveCsv } from './csv';
import styles from './Diff.module.css';
import { DiffDetail } from './DiffDetail';
import { DiffGrid } from './DiffGrid';
import { LINES_MAX, useDiff } from './useDiff';

const KINDS = ['all', 'added', 'changed', 'removed', 'moved'] as const;

/** P6: what differs between two snapshots of a device. */
export function Diff({ device: source }: { device: string }) {
  const { data } = useQuery(timelineQuery(source, ROOT));
  if (!data) return <Skeleton lines={6} height={30} />;
  return <Differences source={source} points={data.points} />;
}

function Differences({ source, points }: { source: string; points: readonly Point[] }) {
  const text = usePortalText();
  const format = useFormat();
  const device = useDevice(source);
  const [state, set] = useSearchState(diffState);
  const [current, setCurrent] = useState(0);
  const [open, setOpen] = useState<number | null>(null);
  useTitle(text('diff.title'), device.name);

  const later = pointAt(points, state.b);
  const earlier = state.a ? pointAt(points, state.a) : Math.max(0, later - 1);
  const [from, until] = [points[earlier], points[later]];
  const found = useDiff({
    source,
    from: from?.id ?? '',
    to: until?.id ?? '',
    folder: state.p,
    kind: state.kind,
  });
  const needle = state.f.toLocaleLowerCase();
  const lines = useMemo(
    () =>
      needle ? found.lines.filter((line) => line.path.toLocaleLowerCase().includes(needle)) : found.lines,
    [found.lines, needle],
  );
  const opened = open === null ? undefined : lines[open];
  const change = (next: Parameters<typeof set>[0]) => {
    setOpen(null);
    setCurrent(0);
    set(next, { isStep: true });
  };

  if (found.error) return <ErrorView error={found.error} />;
  const moments = points
    .map((point) => ({ value: point.id.slice(0, 16), label: format.dateTime(point.taken_at) }))
    .toReversed();
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
          value={from?.id.slice(0, 16) ?? ''}
          onChange={(a) => change({ a, b: until?.id.slice(0, 16) ?? '' })}
        />
        <IconButton
          icon="compare"
          look="plain"
          aria-label={text('diff.swap')}
          onPress={() => change({ a: until?.id.slice(0, 16) ?? '', b: from?.id.slice(0, 16) ?? '' })}
        />
        <Select
          label={text('diff.to')}
          options={moments}
          value={until?.id.slice(0, 16) ?? ''}
          onChange={(b) => change({ b, a: from?.id.slice(0, 16) ?? '' })}
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
        {from && (
          <LinkButton
            isSmall
            icon="folder"
            href={to.browse(source, { at: from.id.slice(0, 16), p: state.p })}
          >
            {text('diff.browse', { moment: format.dateTime(from.taken_at) })}
          </LinkButton>
        )}
      </div>
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
            opened &&
            from &&
            until && (
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
          <DiffGrid lines={lines} current={current} onCurrent={setCurrent} onOpen={setOpen} />
        </Beside>
      )}
    </div>
  );
}
