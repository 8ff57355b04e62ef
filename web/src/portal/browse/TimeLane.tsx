import { type PointerEvent, useRef, useState } from 'react';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import type { Point } from '../data/timeline';
import type { Unusual } from '../data/unusual';
import { Histogram } from './Histogram';
import { leftOf, MARGIN } from './lane';
import styles from './TimeBar.module.css';
import { TimeLocks } from './TimeLocks';

/** How far beside the thumb a pointer still takes hold of it; a finger needs more. */
const GRIP = { mouse: 12, pen: 16, touch: 24 };
/** What moves less is a press. */
const SLOP = 5;

interface LaneProps {
  points: readonly Point[];
  index: number;
  marks: ReadonlySet<number>;
  unusual: readonly Unusual[];
  /** The point in words. */
  words: string;
  onDrag: (to: number) => void;
  onDrop: () => void;
  onGo: (to: number) => void;
  onRange: (from: number, to: number) => void;
}

/** What a pointer does: it moves the thumb, or marks a part of the time from where it went down. `to`: where it came; null while
 * it may be a press. */
interface Gesture {
  does: 'move' | 'mark';
  x: number;
  from: number;
  to: number | null;
}

/** The bars with the slider. The thumb is dragged in time; what is dragged across beside it is looked at closer. For keys and
 * for whoever hears it, it is the slider. */
export function TimeLane({ points, index, marks, unusual, words, ...on }: LaneProps) {
  const text = usePortalText();
  const format = useFormat();
  const slider = useRef<HTMLInputElement>(null);
  const gesture = useRef<Gesture | null>(null);
  const [marked, setMarked] = useState<readonly [number, number] | null>(null);
  const last = points.length - 1;
  const shareOf = (at: number) => (last > 0 ? at / last : 0);
  const begin = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    slider.current?.focus({ preventScroll: true });
    const { x, room } = placeOf(event);
    const grip = GRIP[event.pointerType as keyof typeof GRIP] ?? GRIP.mouse;
    const isOnThumb = Math.abs(x - shareOf(index) * room) <= grip;
    const from = isOnThumb ? index : nearest(x, room, last);
    gesture.current = { does: isOnThumb ? 'move' : 'mark', x, from, to: null };
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const begun = gesture.current;
    if (!begun) return;
    const { x, room } = placeOf(event);
    const to = nearest(x, room, last);
    if (to === begun.to || (begun.to === null && Math.abs(x - begun.x) <= SLOP)) return;
    begun.to = to;
    if (begun.does === 'move') on.onDrag(to);
    else setMarked([Math.min(begun.from, to), Math.max(begun.from, to)]);
  };
  const end = () => {
    const begun = gesture.current;
    cancel();
    if (!begun) return;
    const { does, from, to } = begun;
    if (does === 'move') {
      if (to !== null) on.onGo(to);
    } else if (to === null) on.onGo(from);
    else if (to !== from) on.onRange(Math.min(from, to), Math.max(from, to));
  };
  const cancel = () => {
    gesture.current = null;
    setMarked(null);
  };
  return (
    <div className={styles.track}>
      <Histogram points={points} index={index} marks={marks} unusual={unusual} />
      <TimeLocks points={points} />
      <input
        ref={slider}
        type="range"
        min={0}
        max={last}
        value={index}
        aria-label={text('time.slider')}
        aria-valuetext={words}
        className={styles.slider}
        onChange={(event) => on.onDrag(Number(event.target.value))}
        onKeyUp={on.onDrop}
        onBlur={on.onDrop}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it is the slider for everybody else */}
      <div
        title={text('time.lane')}
        className={styles.area}
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={cancel}
        // The slider keeps the focus.
        onMouseDown={(event) => event.preventDefault()}
      >
        <span className={styles.grip} style={{ left: leftOf(shareOf(index)) }} />
        {marked && (
          <span
            className={styles.marked}
            style={{ left: leftOf(shareOf(marked[0])), right: leftOf(1 - shareOf(marked[1])) }}
          >
            <span className={styles.markedWords}>
              {marked.map((at) => format.date(points[at]?.taken_at ?? '')).join(' – ')}
            </span>
          </span>
        )}
      </div>
    </div>
  );
}

/** Where a pointer is between the first point and the last. */
function placeOf(event: PointerEvent<HTMLDivElement>): { x: number; room: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left - MARGIN, room: Math.max(1, box.width - 2 * MARGIN) };
}

const nearest = (x: number, room: number, last: number): number =>
  Math.min(last, Math.max(0, Math.round((x / room) * last)));
