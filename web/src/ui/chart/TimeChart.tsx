//! Values over time, many of them: uPlot behind one component. Load it with `lazy`.
import { useEffect, useRef } from 'react';
import Plot, { type Options } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type Format, useFormat } from '../../i18n/format';
import { fontOf, measure } from './measure';

const DAY_SECONDS = 86_400;
/** Between two labels, and between a label and the chart. */
const GAP = 16;
const MARGIN = 40;
/** As long as a date gets: a month with a long name, of another year. */
const LONG_DAY = Date.UTC(2020, 8, 28, 12) / 1000;

export interface Series {
  label: string;
  values: readonly (number | null)[];
  /** A color of the tokens, as in `--accent`. */
  color: `--${string}`;
}

interface TimeChartProps {
  /** Seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  height?: number;
  show: (value: number) => string;
}

export default function TimeChart({ times, series, height = 220, show }: TimeChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const format = useFormat();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const color = (name: string) => resolved(element, style.getPropertyValue(name));
    const axis = {
      stroke: color('--ink-soft'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: fontOf(element),
    };
    const width = measure(element);
    const options: Options = {
      width: element.clientWidth,
      height,
      // A label stands below the middle of its tick: the last one needs half of itself to the right.
      padding: [null, width(tickOf(format, DAY_SECONDS)(LONG_DAY)) / 2, null, null],
      legend: { show: series.length > 1 },
      cursor: { y: false },
      axes: [
        {
          ...axis,
          // How long a date is depends on the language, and on whether the year has to be said.
          space: (_, __, from, to) => {
            const labels = [from, to].map(tickOf(format, to - from));
            return Math.max(...labels.map(width)) + GAP;
          },
          values: (_, ticks, __, ___, step) => ticks.map(tickOf(format, step * 2)),
        },
        {
          ...axis,
          size: (_, labels) => Math.max(MARGIN, ...(labels ?? []).map((label) => width(label) + GAP)),
          values: (_, ticks) => ticks.map(show),
        },
      ],
      series: [
        { value: (_, at) => (at == null ? '' : format.dateTime(at * 1000)) },
        ...series.map((one) => ({
          label: one.label,
          stroke: color(one.color),
          width: 2,
          value: (_: Plot, value: number | null) => (value == null ? '–' : show(value)),
        })),
      ],
    };
    const plot = new Plot(options, [[...times], ...series.map((one) => [...one.values])], element);
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      plot.destroy();
    };
  }, [times, series, height, show, format]);
  return <div ref={frame} />;
}

/** What stands below a tick: the time where a day has several, otherwise the day. */
const tickOf =
  (format: Format, seconds: number) =>
  (at: number): string =>
    seconds < 2 * DAY_SECONDS ? format.dateTime(at * 1000) : format.date(at * 1000);

/** A color that a canvas understands: `light-dark()` is for style sheets only. */
function resolved(element: HTMLElement, value: string): string {
  element.style.color = value;
  const color = getComputedStyle(element).color;
  element.style.color = '';
  return color;
}
