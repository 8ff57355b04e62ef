import { useEffect, useRef } from 'react';
import type { Schemas } from '../../api/types';
import type { Address } from '../data/address';
import { type Point, pointFor, snapshotAfter, snapshotBefore } from '../data/timeline';

export type Direction = 'before' | 'after';

interface Where {
  source: string;
  folder: Address;
  points: readonly Point[];
  index: number;
  /** When what is meant was taken. */
  moment: string;
  /** What is shown; none while it is on its way. */
  taken: Schemas['SnapshotRefBody'] | undefined;
  onStep: (to: Point) => void;
}

interface Steps {
  step: (direction: Direction) => void;
  /** One goes elsewhere: the next step begins from there. */
  forget: () => void;
}

/** Steps from snapshot to snapshot, also where a point of the line stands for several of them. */
export function useSteps(where: Where): Steps {
  const current = useRef(where);
  current.current = where;
  /** The moment one is on the way to: what is pressed meanwhile goes on from there. */
  const ahead = useRef<string | null>(null);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const forget = () => {
    ahead.current = null;
  };
  const isThere = useRef(true);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);
  const { taken } = where;
  useEffect(() => {
    if (taken) ahead.current = null;
  }, [taken]);
  const step = (direction: Direction) => {
    queue.current = queue.current.then(async () => {
      const from = ahead.current ?? current.current.moment;
      // Where there is no answer one stays: a press of the key asks again.
      const found = await neighborOf(current.current, from, direction).catch(() => undefined);
      if (!found || !isThere.current) return;
      ahead.current = found.taken_at;
      current.current.onStep(found);
    });
  };
  return { step, forget };
}

/** The snapshot beside one: known where points stand for themselves alone, asked for where they do not. */
async function neighborOf(where: Where, moment: string, direction: Direction): Promise<Point | undefined> {
  const { source, folder, points } = where;
  const at = pointFor(points, moment) ?? where.index;
  const point = points[at];
  if (!point) return undefined;
  if (direction === 'before') {
    const before = points[at - 1];
    return point.snapshots === 1 && before ? before : snapshotBefore(source, folder, moment);
  }
  const isNewest = Date.parse(point.taken_at) <= Date.parse(moment);
  const after = isNewest ? points[at + 1] : point;
  if (!after || (isNewest && after.snapshots === 1)) return after;
  return snapshotAfter(source, folder, moment, after.taken_at);
}
