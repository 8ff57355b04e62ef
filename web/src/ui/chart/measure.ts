//! How wide a text gets on a chart.

/** As uPlot writes on its axes. */
const SIZE_PX = 12;

/** Measures texts in an element's own font. Where there is no canvas, by the number of their letters. */
export function measure(element: HTMLElement): (text: string) => number {
  const canvas = element.ownerDocument.createElement('canvas').getContext('2d');
  if (!canvas) return (text) => text.length * SIZE_PX * 0.6;
  canvas.font = fontOf(element);
  return (text) => canvas.measureText(text).width;
}

/** The same for uPlot: its own default does not know how the page writes. */
export const fontOf = (element: HTMLElement): string =>
  `${SIZE_PX}px ${getComputedStyle(element).fontFamily}`;
