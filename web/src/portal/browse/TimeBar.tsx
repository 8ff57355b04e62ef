import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Button, IconButton } from '../../ui/Button';
import { Skeleton } from '../../ui/Skeleton';
import type { Address } from '../data/address';
import {
  changesQuery,
  movedTo,
  type Point,
  pointFor,
  pointNamed,
  pointOf,
  type Span,
  spanOf,
  timelineQuery,
} from '../data/timeline';
import { unusualOf } from '../data/unusual';
import styles from './TimeBar.module.css';
import { TimeLane } from './TimeLane';
import { TimeMarks } from './TimeMarks';
import { TimeWords } from './TimeWords';
import { usePointWords } from './usePointWords';
import { useSteps } from './useSteps';
import { useTimeKeys } from './useTimeKeys';

/** Until then a drag goes on; the list follows it. */
const SETTLE_MS = 180;
/** Of fewer points there is nothing to look closer at. */
const ZOOM_POINTS_MIN = 4;

interface TimeBarProps {
  source: string;
  folder: Address;
  /** As the address has it; empty: the newest. */
  at: string;
  /** The snapshot that is shown; none while what is shown is still of the time before. */
  taken: Schemas['SnapshotRefBody'] | undefined;
  /** `isStep`: Back leads to the time before. */
  onMove: (at: string, isStep: boolean) => void;
}

/** All snapshots of a source on a line: one is at one of them. Its position is the number of the snapshot, not a length of time,
 * so that every one of them can be reached. */
export function TimeBar(props: TimeBarProps) {
  const [span, setSpan] = useState<Span>(WHOLE);
  const { data, isPlaceholderData } = useQuery({
    ...timelineQuery(props.source, props.folder, span),
    placeholderData: keepPreviousData,
  });
  const points = data?.points;
  const moment = props.taken?.taken_at;
  useEffect(() => {
    // One went past the end of a part: the part goes along.
    if (!points || isPlaceholderData || span === WHOLE || !moment || pointFor(points, moment) !== null)
      return;
    setSpan(movedTo(span, points, moment));
  }, [points, isPlaceholderData, span, moment]);
  if (!points) return <Skeleton height={136} />;
  if (points.length === 0) return null;
  return <Slider {...props} points={points} span={span} onSpan={setSpan} />;
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
  const wordsOf = usePointWords();
  const changes = useQuery(changesQuery(source, folder)).data?.changes;
  const shown = taken && pointFor(points, taken.taken_at);
  const before = useRef(points.length - 1);
  // A point that the address names needs no answer. A snapshot behind another one's point, or one that is meant by a time, is
  // known once it is shown; until then one stays where one was, or near that time.
  const settled = Math.min(
    pointNamed(points, at) ?? shown ?? pointOf(points, at) ?? before.current,
    points.length - 1,
  );
  before.current = settled;
  /** Where a drag is; null: nobody drags. */
  const [dragged, setDragged] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = points.length - 1;
  const index = dragged ?? settled;
  const point = points[index];
  /** When exactly: a point may stand for several snapshots, of which another one is shown. */
  const moment = dragged === null && taken && shown === index ? taken.taken_at : point?.taken_at;

  const marks = useMemo(
    () => new Set(changes?.flatMap((change) => pointFor(points, change.taken_at) ?? [])),
    [changes, points],
  );
  const unusual = useMemo(() => unusualOf(points), [points]);
  const isWhole = span === WHOLE;
  const atOf = (to: number) => (to === last && isWhole ? '' : (points[to]?.id.slice(0, 16) ?? ''));
  const steps = useSteps({
    source,
    folder,
    points,
    index,
    moment: moment ?? '',
    taken,
    onStep: (to) => {
      setDragged(null);
      onMove(to.id === points[last]?.id && isWhole ? '' : to.id.slice(0, 16), true);
    },
  });
  const drag = (to: number) => {
    steps.forget();
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
  const jump = (to: number) => {
    steps.forget();
    clearTimeout(timer.current);
    setDragged(null);
    onMove(atOf(to), true);
  };
  // The newest first, as the server lists them.
  const [changeBefore, changeAfter] = [
    changes?.find((change) => Date.parse(change.taken_at) < Date.parse(moment ?? '')),
    changes?.findLast((change) => Date.parse(change.taken_at) > Date.parse(moment ?? '')),
  ];
  const goTo = (change: { id: string } | undefined) => {
    steps.forget();
    setDragged(null);
    if (change) onMove(change.id.slice(0, 16), true);
  };
  const mayZoom = point !== undefined && (point.snapshots > 1 || points.length >= ZOOM_POINTS_MIN);
  const zoomIn = () => mayZoom && onSpan(around(points, index));
  const zoomTo = (from: number, to: number) => {
    // What is shown stays within what is looked at.
    if (index < from || index > to) jump(to);
    if (to - from < last) onSpan(spanOf(points, from, to, span));
  };
  const zoomOut = () => onSpan(WHOLE);
  useTimeKeys({
    '[': () => steps.step('before'),
    ']': () => steps.step('after'),
    '{': () => goTo(changeBefore),
    '}': () => goTo(changeAfter),
    '+': zoomIn,
    '-': zoomOut,
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  if (!point || !moment) return null;
  return (
    <section aria-label={text('time.label')} className={styles.time} data-past={at !== ''}>
      <TimeWords
        source={source}
        folder={folder}
        at={at}
        moment={moment}
        point={point}
        before={points[index - 1]}
        range={[points[0]?.taken_at ?? moment, points[last]?.taken_at ?? moment]}
        onMove={(to) => onMove(to, true)}
        onZoomIn={mayZoom ? zoomIn : undefined}
        onZoomOut={isWhole ? undefined : zoomOut}
      />
      <div className={styles.line}>
        <IconButton
          isSmall
          icon="chevron-left"
          aria-label={text('time.previous')}
          isDisabled={index === 0 && isWhole && point.snapshots === 1}
          onPress={() => steps.step('before')}
        />
        <TimeLane
          points={points}
          index={index}
          marks={marks}
          unusual={unusual}
          words={wordsOf(
            point,
            unusual.find((one) => one.at === index),
          )}
          onDrag={drag}
          onDrop={drop}
          onGo={jump}
          onRange={zoomTo}
        />
        <IconButton
          isSmall
          icon="chevron-right"
          aria-label={text('time.next')}
          isDisabled={index === last && Date.parse(moment) >= Date.parse(point.taken_at)}
          onPress={() => steps.step('after')}
        />
      </div>
      <div className={styles.foot}>
        <span>{format.month(points[0]?.taken_at ?? moment)}</span>
        <span className={styles.jumps}>
          <Button
            isSmall
            look="quiet"
            icon="first"
            isDisabled={!changeBefore}
            onPress={() => goTo(changeBefore)}
          >
            {text('time.previousChange')}
          </Button>
          <Button
            isSmall
            look="quiet"
            icon="last"
            isDisabled={!changeAfter}
            onPress={() => goTo(changeAfter)}
          >
            {text('time.nextChange')}
          </Button>
        </span>
        <span>{format.month(points[last]?.taken_at ?? moment)}</span>
      </div>
      <TimeMarks points={points} unusual={unusual} index={index} onGo={jump} />
    </section>
  );
}

/** A tenth of what is shown, about a point of it. */
function around(points: readonly Point[], index: number): Span {
  const reach = Math.max(1, Math.round(points.length / 20));
  const [from, to] = [points[Math.max(0, index - reach)], points[index + reach]];
  return { ...(from && { since: from.taken_at }), ...(to && { before: to.taken_at }) };
}
