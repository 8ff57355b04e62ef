import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Schemas } from '../../api/types';
import { type Format, useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { isWriting } from '../../lib/isWriting';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { Button, IconButton, LinkButton } from '../../ui/Button';
import { Skeleton } from '../../ui/Skeleton';
import type { Address } from '../data/address';
import { changesQuery, type Point, pointAt, pointOf, type Span, timelineQuery } from '../data/timeline';
import { GoToDay } from './GoToDay';
import { Histogram } from './Histogram';
import styles from './TimeBar.module.css';

/** Until then a drag goes on; the list follows it. */
const SETTLE_MS = 180;

interface TimeBarProps {
  source: string;
  folder: Address;
  /** As the address has it; empty: the newest. */
  at: string;
  /** The snapshot that is shown. */
  taken: Schemas['SnapshotRefBody'] | undefined;
  /** `isStep`: Back leads to the time before. */
  onMove: (at: string, isStep: boolean) => void;
}

/** All snapshots of a source on a line: one is at one of them. Its position is the number of the snapshot, not a length of time,
 * so that every one of them can be reached. */
export function TimeBar(props: TimeBarProps) {
  const [span, setSpan] = useState<Span>(WHOLE);
  const { data } = useQuery({
    ...timelineQuery(props.source, props.folder, span),
    placeholderData: keepPreviousData,
  });
  if (!data) return <Skeleton height={136} />;
  if (data.points.length === 0) return null;
  return <Slider {...props} points={data.points} span={span} onSpan={setSpan} />;
}

const WHOLE: Span = {};

interface SliderProps extends TimeBarProps {
  points: Point[];
  span: Span;
  onSpan: (span: Span) => void;
}

function Slider({ source, folder, at, taken, onMove, points, span, onSpan }: SliderProps) {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const changes = useQuery(changesQuery(source, folder)).data?.changes;
  // What the address says, and not what is still shown of the time before. Only a snapshot that stands behind another one's
  // point has to be looked up by its time.
  const settled = pointOf(points, at) ?? pointAt(points, taken?.taken_at ?? '');
  /** Where a drag is; null: nobody drags. */
  const [dragged, setDragged] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = points.length - 1;
  const index = dragged ?? settled;
  const point = points[index];

  const marks = useMemo(
    () => new Set(changes?.map((change) => pointAt(points, change.taken_at)) ?? []),
    [changes, points],
  );
  const isWhole = span === WHOLE;
  const atOf = (to: number) => (to === last && isWhole ? '' : (points[to]?.id.slice(0, 16) ?? ''));
  const drag = (to: number) => {
    setDragged(to);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onMove(atOf(to), false), SETTLE_MS);
  };
  const drop = () => {
    if (dragged === null) return;
    clearTimeout(timer.current);
    onMove(atOf(dragged), true);
    setDragged(null);
  };
  const jump = (to: number | undefined) => {
    if (to === undefined || to < 0 || to > last) return;
    setDragged(null);
    onMove(atOf(to), true);
  };
  const change = (step: -1 | 1) => {
    const ordered = [...marks].sort((a, b) => a - b);
    jump(step === 1 ? ordered.find((mark) => mark > index) : ordered.findLast((mark) => mark < index));
  };

  const keys = useRef((_: KeyboardEvent) => {});
  keys.current = (event) => {
    if (isWriting(event.target) && (event.target as HTMLElement).getAttribute('type') !== 'range') return;
    const step = {
      '[': () => jump(index - 1),
      ']': () => jump(index + 1),
      '{': () => change(-1),
      '}': () => change(1),
    };
    const act = step[event.key as keyof typeof step];
    if (!act) return;
    event.preventDefault();
    act();
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => keys.current(event);
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);

  if (!point) return null;
  const counts = point.changes;
  const said = counts
    ? text('time.valueChanges', {
        moment: format.moment(point.taken_at),
        added: counts.added,
        changed: counts.changed,
        removed: counts.removed,
      })
    : format.moment(point.taken_at);
  const [hasBefore, hasAfter] = [
    [...marks].some((mark) => mark < index),
    [...marks].some((mark) => mark > index),
  ];
  return (
    <section aria-label={text('time.label')} className={styles.time} data-past={at !== ''}>
      <div className={styles.words}>
        <p className={styles.moment}>
          <strong>{at === '' ? text('time.latest') : format.moment(point.taken_at)}</strong>
          <span className={styles.soft}>
            {at === '' ? format.moment(point.taken_at) : agoOf(point.taken_at, format, now)}
            {point.snapshots > 1 && ` · ${text('count.snapshots', { n: point.snapshots })}`}
          </span>
        </p>
        {counts && (
          <p className={styles.counts}>
            {counts.added > 0 && (
              <span className={styles.added}>{text('time.added', { n: counts.added })}</span>
            )}
            {counts.changed > 0 && (
              <span className={styles.changed}>{text('time.changed', { n: counts.changed })}</span>
            )}
            {counts.removed > 0 && (
              <span className={styles.removed}>{text('time.removed', { n: counts.removed })}</span>
            )}
          </p>
        )}
        <span className={styles.gap} />
        <GoToDay
          first={points[0]?.taken_at ?? point.taken_at}
          last={points[last]?.taken_at ?? point.taken_at}
          current={point.taken_at}
          onGo={(day) => onMove(day, true)}
        />
        {point.snapshots > 1 && (
          <Button isSmall icon="search" onPress={() => onSpan(around(points, index))}>
            {text('time.zoomIn')}
          </Button>
        )}
        {!isWhole && (
          <Button isSmall icon="close" onPress={() => onSpan(WHOLE)}>
            {text('time.zoomOut')}
          </Button>
        )}
        {at !== '' && (
          <Button isSmall icon="last" onPress={() => onMove('', true)}>
            {text('time.toLatest')}
          </Button>
        )}
        {index > 0 && (
          <LinkButton
            isSmall
            icon="compare"
            href={to.diff(source, {
              a: points[index - 1]?.id.slice(0, 16) ?? '',
              b: point.id.slice(0, 16),
              p: folder,
            })}
          >
            {text('time.compare')}
          </LinkButton>
        )}
      </div>
      <div className={styles.line}>
        <IconButton
          isSmall
          icon="chevron-left"
          aria-label={text('time.previous')}
          isDisabled={index === 0}
          onPress={() => jump(index - 1)}
        />
        <div className={styles.track}>
          <Histogram points={points} index={index} marks={marks} />
          <input
            type="range"
            min={0}
            max={last}
            value={index}
            aria-label={text('time.slider')}
            aria-valuetext={said}
            className={styles.slider}
            onChange={(event) => drag(Number(event.target.value))}
            onPointerUp={drop}
            onKeyUp={drop}
            onBlur={drop}
          />
        </div>
        <IconButton
          isSmall
          icon="chevron-right"
          aria-label={text('time.next')}
          isDisabled={index === last}
          onPress={() => jump(index + 1)}
        />
      </div>
      <div className={styles.foot}>
        <span>{format.month(points[0]?.taken_at ?? point.taken_at)}</span>
        <span className={styles.jumps}>
          <Button isSmall look="quiet" icon="first" isDisabled={!hasBefore} onPress={() => change(-1)}>
            {text('time.previousChange')}
          </Button>
          <Button isSmall look="quiet" icon="last" isDisabled={!hasAfter} onPress={() => change(1)}>
            {text('time.nextChange')}
          </Button>
        </span>
        <span>{format.month(points[last]?.taken_at ?? point.taken_at)}</span>
      </div>
    </section>
  );
}

/** A tenth of what is shown, about a point of it. */
function around(points: readonly Point[], index: number): Span {
  const reach = Math.max(1, Math.round(points.length / 20));
  const [from, to] = [points[Math.max(0, index - reach)], points[index + reach]];
  return { ...(from && { since: from.taken_at }), ...(to && { before: to.taken_at }) };
}

/** How long ago, unless that would be the date again. */
function agoOf(taken: string, format: Format, now: number): string {
  const ago = format.ago(taken, now);
  return ago === format.date(taken) ? '' : ago;
}
