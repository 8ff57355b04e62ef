import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react';

/** Rows drawn above and below what is seen. */
const SPARE = 8;
/** Drawn at once at most, whatever height the list was given. */
const ROWS_MAX = 200;

export interface Shown {
  first: number;
  /** After the last. */
  end: number;
}

/** Which rows of fixed height are in sight of a scrolling element. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number, rowHeight: number): Shown {
  const [shown, setShown] = useState<Shown>({ first: 0, end: Math.min(count, 30) });
  const look = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - SPARE);
    const below = Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + SPARE;
    const end = Math.min(count, below, first + ROWS_MAX);
    setShown((before) => (before.first === first && before.end === end ? before : { first, end }));
  }, [scroller, count, rowHeight]);
  useLayoutEffect(look, [look]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    element.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, [scroller, look]);
  return shown;
}

/** The height of a row, which is another one where one points with a finger. */
export function useRowHeight(): number {
  const [height, setHeight] = useState(rowHeight);
  useEffect(() => {
    const coarse = window.matchMedia('(pointer: coarse)');
    const change = () => setHeight(rowHeight());
    coarse.addEventListener('change', change);
    return () => coarse.removeEventListener('change', change);
  }, []);
  return height;
}

const rowHeight = () =>
  Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10) || 34;
