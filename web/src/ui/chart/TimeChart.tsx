//! Values over time, many of them: uPlot behind one component. Load it with `lazy`.
import { useEffect, useRef } from 'react';
import Plot, { type Options } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useFormat } from '../../i18n/format';

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
    };
    const options: Options = {
      width: element.clientWidth,
      height,
      legend: { show: series.length > 1 },
      cursor: { y: false },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => format.date(tick * 1000)) },
        { ...axis, size: 80, values: (_, ticks) => ticks.map(show) },
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

/** A color that a canvas understands: `light-dark()` is for style sheets only. */
function resolved(element: HTMLElement, value: string): string {
  element.style.color = value;
  const color = getComputedStyle(element).color;
  element.style.color = '';
  return color;
}
