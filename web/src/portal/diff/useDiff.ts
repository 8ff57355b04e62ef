import { useEffect, useState } from 'react';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { linesOf } from '../../lib/lines';
import { type Address, pathOf } from '../data/address';

export type Line = Schemas['DiffLineBody'];
export type Kind = Schemas['DiffKindBody'];
export type Counts = Schemas['DiffCountsBody'];

/** Differences that are held at most; whoever has more chooses a folder or a kind. */
export const LINES_MAX = 20_000;
/** So many come to the page at once. */
const BATCH = 500;

export interface Difference {
  lines: readonly Line[];
  /** What the server counted, once it came to the end. */
  end: Counts | null;
  state: 'reading' | 'done' | 'cut' | 'broken';
  error: unknown;
}

interface Asked {
  source: string;
  from: string;
  to: string;
  folder: Address;
  kind: Kind | 'all';
}

const NONE: Difference = { lines: [], end: null, state: 'reading', error: null };

/** What differs between two snapshots, while it is being read. */
export function useDiff({ source, from, to, folder, kind }: Asked): Difference {
  const [found, setFound] = useState<Difference>(NONE);
  useEffect(() => {
    const stop = new AbortController();
    setFound(NONE);
    void read({ source, from, to, folder, kind }, stop.signal, setFound).catch((error: unknown) => {
      if (!stop.signal.aborted) setFound((before) => ({ ...before, state: 'broken', error }));
    });
    return () => stop.abort();
  }, [source, from, to, folder, kind]);
  return found;
}

async function read(asked: Asked, signal: AbortSignal, tell: (found: Difference) => void): Promise<void> {
  const { source, from, to, folder, kind } = asked;
  const query = {
    from,
    ...(to && { to }),
    ...(folder !== '/' && pathOf(folder)),
    ...(kind !== 'all' && { kinds: kind }),
  };
  const params = { path: { source }, query };
  const stream = (await ask(() =>
    api.GET('/portal/v1/sources/{source}/diff', { params, signal, parseAs: 'stream' }),
  )) as unknown as ReadableStream<Uint8Array> | null;
  const lines: Line[] = [];
  if (!stream) throw new Error('the answer has no body');
  for await (const text of linesOf(stream)) {
    if (signal.aborted) return;
    const line = JSON.parse(text) as Line | { end: Counts };
    if ('end' in line) return tell({ lines, end: line.end, state: 'done', error: null });
    lines.push(line);
    if (lines.length >= LINES_MAX) return tell({ lines, end: null, state: 'cut', error: null });
    if (lines.length % BATCH === 0) tell({ lines: [...lines], end: null, state: 'reading', error: null });
  }
  // A stream without its last line broke off.
  tell({ lines, end: null, state: 'broken', error: null });
}
