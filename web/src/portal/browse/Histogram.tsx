import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useStored } from '../../lib/stored';
import { chosenTheme } from '../../shell/theme';
import type { Point } from '../data/timeline';
import type { Unusual } from '../data/unusual';
import { MARGIN } from './lane';
import styles from './TimeBar.module.css';

const HEIGHT = 44;
const LANE = 7;
/** Room above the highest bar, for what stands out. */
const SIGN = 10;
const FAINTEST = 0.12;

interface HistogramProps {
  points: readonly Point[];
  index: number;
  /** Points at which this folder changed. */
  marks: ReadonlySet<number>;
  /** Points at which more happened than usual. */
  unusual: readonly Unusual[];
}

/** How much changed from snapshot to snapshot, behind the slider; on a logarithmic scale, as one great day would flatten all
 * others. It is for the eye: the slider says the numbers. */
export function Histogram({ points, index, marks, unusual }: HistogramProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStored(chosenTheme);
  const isDark = useSyncExternalStore(listen, () => DARK.matches);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colors
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => drawBars(element, { points, index, marks, unusual });
    draw();
    const sizes = new ResizeObserver(draw);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [points, index, marks, unusual, theme, isDark]);
  return <canvas ref={canvas} className={styles.bars} aria-hidden="true" />;
}

const DARK = window.matchMedia('(prefers-color-scheme: dark)');

function listen(changed: () => void): () => void {
  DARK.addEventListener('change', changed);
  return () => DARK.removeEventListener('change', changed);
}

function drawBars(canvas: HTMLCanvasElement, { points, index, marks, unusual }: HistogramProps): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const scale = window.devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = width * scale;
  canvas.height = (HEIGHT + LANE) * scale;
  pen.scale(scale, scale);
  const color = colorsOf(canvas);
  const room = width - 2 * MARGIN;
  const step = points.length > 1 ? room / (points.length - 1) : 0;
  const bar = Math.max(1.5, Math.min(7, step * 0.62 || 7));
  const most = Math.max(1, ...points.map(weight));
  points.forEach((point, at) => {
    const x = MARGIN + at * step;
    const share = Math.max(FAINTEST, Math.log1p(weight(point)) / Math.log1p(most));
    const height = share * (HEIGHT - SIGN);
    const isLoss =
      (point.changes?.removed ?? 0) > (point.changes?.added ?? 0) + (point.changes?.changed ?? 0);
    pen.fillStyle = at === index ? color.here : isLoss ? color.loss : color.bar;
    pen.globalAlpha = at <= index ? 1 : 0.45;
    pen.beginPath();
    pen.roundRect(x - bar / 2, HEIGHT - height, bar, height, 1.5);
    pen.fill();
    if (point.held) drawShield(pen, x, color.held);
    if (marks.has(at)) {
      pen.fillStyle = color.here;
      pen.beginPath();
      pen.arc(x, HEIGHT + LANE / 2 + 1, 2, 0, 2 * Math.PI);
      pen.fill();
    }
  });
  // Above all bars, so that no other one hides them.
  pen.globalAlpha = 1;
  for (const { at } of unusual) drawAlarm(pen, MARGIN + at * step, color.loss);
}

/** Two strokes, each with its point. */
function drawAlarm(pen: CanvasRenderingContext2D, x: number, color: string): void {
  pen.fillStyle = color;
  for (const side of [-3, 1]) {
    pen.fillRect(x + side, 0, 2, 5);
    pen.fillRect(x + side, 6.5, 2, 2);
  }
}

/** Somebody holds it: what storage locks has a padlock. */
function drawShield(pen: CanvasRenderingContext2D, x: number, color: string): void {
  const corners = [
    [-4, -9],
    [4, -9],
    [4, -4],
    [0, 0],
    [-4, -4],
  ] as const;
  pen.fillStyle = color;
  pen.globalAlpha = 1;
  pen.beginPath();
  for (const [right, down] of corners) pen.lineTo(x + right, HEIGHT + down);
  pen.fill();
}

const weight = ({ changes }: Point): number =>
  changes ? changes.added + changes.changed + changes.removed : 0;

/** Colors as a canvas takes them: it does not know `light-dark()`. */
function colorsOf(element: HTMLElement) {
  const read = (token: string) => {
    element.style.color = `var(${token})`;
    return getComputedStyle(element).color;
  };
  const colors = {
    bar: read('--line-strong'),
    loss: read('--bad'),
    here: read('--accent'),
    held: read('--ink'),
  };
  element.style.color = '';
  return colors;
}
