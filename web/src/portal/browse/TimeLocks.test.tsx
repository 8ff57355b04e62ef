import { act, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test } from 'vitest';
import { Speaks } from '../../i18n/language';
import { portalWords } from '../../i18n/portal';
import type { Point } from '../data/timeline';
import { LockedUntil, lockedRuns, TimeLocks } from './TimeLocks';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const YEAR = new Date().getFullYear();
const until = `${YEAR}-12-21T12:00:00Z`;

/** One snapshot a day: `#` is locked. */
const days = (locks: string): Point[] =>
  [...locks].map((lock, day) => ({
    id: `${day}`.repeat(16),
    taken_at: `${YEAR}-11-0${day + 1}T12:00:00Z`,
    snapshots: 1,
    utc_offset: 0,
    ...(lock === '#' && { locked_until: until }),
  }));

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function drawn(what: ReactNode): Promise<HTMLElement> {
  const catalogue = await portalWords('en');
  const place = document.createElement('div');
  const root = createRoot(place);
  await act(() => root.render(<Speaks catalogue={catalogue}>{what}</Speaks>));
  ends.push(() => act(() => root.unmount()));
  return place;
}

test.each([
  ['-----', []],
  ['--###', [[2, 4]]],
  [
    '#-##-',
    [
      [0, 0],
      [2, 3],
    ],
  ],
])('of %s these are locked: %j', (locks, runs) => expect(lockedRuns(days(locks))).toEqual(runs));

test('what is locked is marked along the line, and says from when to when', async () => {
  const marks = [...(await drawn(<TimeLocks points={days('#-##-')} />)).querySelectorAll('[role=img]')];
  expect(marks.map((mark) => mark.getAttribute('aria-label'))).toEqual([
    expect.stringMatching(/^Locked by the storage: \D*1\D*$/),
    expect.stringMatching(/^Locked by the storage: .*3.* – .*4/),
  ]);
  expect(
    marks.every((mark) => mark.querySelector('svg')),
    'a shape, and not a color alone',
  ).toBe(true);
});

test('a snapshot says until when it is locked, and one that is free says nothing', async () => {
  const [locked] = days('#');
  expect((await drawn(<LockedUntil until={locked?.locked_until} />)).textContent).toMatch(
    /^Locked until .*21/,
  );
  expect((await drawn(<LockedUntil until={undefined} />)).textContent).toBe('');
});
