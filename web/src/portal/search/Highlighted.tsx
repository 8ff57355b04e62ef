import { Fragment } from 'react';
import type { Hit } from '../data/search';

export type Range = readonly [first: number, end: number];

/** The name of a hit, and the parts of it that fit. The server counts in bytes of the path, and we in letters of the name. */
export function nameRanges(hit: Pick<Hit, 'path' | 'highlights'>): { name: string; ranges: Range[] } {
  const cut = hit.path.lastIndexOf('/') + 1;
  const bytes = new TextEncoder().encode(hit.path);
  const letters = (end: number) => new TextDecoder().decode(bytes.subarray(0, end)).length;
  const ranges = hit.highlights
    .map(([first = 0, end = 0]): Range => [letters(first) - cut, letters(end) - cut])
    .filter(([first]) => first >= 0);
  return { name: hit.path.slice(cut), ranges };
}

export function Highlighted({ words, ranges }: { words: string; ranges: readonly Range[] }) {
  let at = 0;
  return (
    <>
      {ranges.map(([first, end]) => {
        const before = words.slice(at, first);
        at = end;
        return (
          <Fragment key={first}>
            {before}
            <mark>{words.slice(first, end)}</mark>
          </Fragment>
        );
      })}
      {words.slice(at)}
    </>
  );
}
