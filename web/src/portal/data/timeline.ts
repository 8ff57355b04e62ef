import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { type Address, pathOf } from './address';

export type Point = Schemas['PointBody'];

/** As many as can be told apart on a wide screen. */
const POINTS_MAX = 400;
const COUNT_AGAIN_MS = 1_500;

/** The part of a source's time that is looked at; all of it, if nothing is said. */
export interface Span {
  since?: string;
  before?: string;
}

export const timelineQuery = (source: string, folder: Address, span: Span = {}) =>
  queryOptions({
    queryKey: ['timeline', source, folder, span],
    queryFn: async ({ signal }) => {
      const query = { points: POINTS_MAX, ...pathOf(folder), ...span };
      const path = { source };
      const page = await ask(() =>
        api.GET('/portal/v1/sources/{source}/timeline', { params: { path, query }, signal }),
      );
      // The server lists the newest first; on a slider time goes to the right.
      return { points: page.items.toReversed(), isCounted: page.counted };
    },
    staleTime: 60_000,
    // Differences are counted when somebody first asks.
    refetchInterval: (query) => (query.state.data?.isCounted === false ? COUNT_AGAIN_MS : false),
  });

export const changesQuery = (source: string, folder: Address) =>
  queryOptions({
    queryKey: ['changes', source, folder],
    queryFn: ({ signal }) => {
      const params = { path: { source }, query: pathOf(folder) };
      return ask(() => api.GET('/portal/v1/sources/{source}/changes', { params, signal }));
    },
    staleTime: 60_000,
  });

export const versionsQuery = (source: string, file: Address) =>
  queryOptions({
    queryKey: ['versions', source, file],
    queryFn: ({ signal }) => {
      const params = { path: { source }, query: pathOf(file) };
      return ask(() => api.GET('/portal/v1/sources/{source}/versions', { params, signal }));
    },
    staleTime: 60_000,
  });

/** A point of a line of 400 stands for as many at most, of a history of 200 000 snapshots. */
const STEP_ITEMS_MAX = 500;

/** Snapshots of a part of the time, each for itself, the newest first. */
async function listed(source: string, folder: Address, span: Span, limit: number): Promise<Point[]> {
  const query = { limit, ...pathOf(folder), ...span };
  const { items } = await ask(() =>
    api.GET('/portal/v1/sources/{source}/timeline', { params: { path: { source }, query } }),
  );
  return items;
}

/** The snapshot before a moment; none: there is no older one. */
export const snapshotBefore = async (
  source: string,
  folder: Address,
  moment: string,
): Promise<Point | undefined> => (await listed(source, folder, { before: moment }, 1))[0];

/** The first snapshot after a moment, up to another one; none: there is none between them. */
export const snapshotAfter = async (
  source: string,
  folder: Address,
  moment: string,
  until: string,
): Promise<Point | undefined> => {
  const span = { since: justAfter(moment), before: justAfter(until) };
  return (await listed(source, folder, span, STEP_ITEMS_MAX)).at(-1);
};

/** The part of the time that some points stand for, each wholly. `of` is the part that they are all of. */
export function spanOf(points: readonly Point[], from: number, to: number, of: Span): Span {
  const [before, end] = [points[from - 1], points[to]];
  const since = before ? justAfter(before.taken_at) : of.since;
  const until = end && to < points.length - 1 ? justAfter(end.taken_at) : of.before;
  return { ...(since && { since }), ...(until && { before: until }) };
}

/** Moments are counted in thousandths of a second here. */
const justAfter = (moment: string): string => new Date(Date.parse(moment) + 1).toISOString();

/** The point that an address names; null: it names a snapshot behind another one's point, or a time. */
export function pointNamed(points: readonly Point[], at: string): number | null {
  if (!at) return points.length - 1;
  const named = points.findIndex((point) => point.id.startsWith(at));
  return named === -1 ? null : named;
}

/** The point of a snapshot, or the last one at or before a time; null: it says neither. */
export function pointOf(points: readonly Point[], at: string): number | null {
  const named = pointNamed(points, at);
  if (named !== null) return named;
  const time = Date.parse(at);
  if (Number.isNaN(time)) return null;
  const later = points.findIndex((point) => Date.parse(point.taken_at) > time);
  return later === -1 ? points.length - 1 : Math.max(0, later - 1);
}

/** The same; the newest, if it says neither. */
export const pointAt = (points: readonly Point[], at: string): number =>
  pointOf(points, at) ?? points.length - 1;

/** The point that stands for a snapshot: the oldest that is not older. Null: the snapshot is before or after all of them. */
export function pointFor(points: readonly Point[], taken_at: string): number | null {
  const time = Date.parse(taken_at);
  const first = points[0];
  // The first point may stand for several; whatever is older than all of a zoomed line is not on it.
  if (!first || (Date.parse(first.taken_at) > time && first.snapshots === 1)) return null;
  const at = points.findIndex((point) => Date.parse(point.taken_at) >= time);
  return at === -1 ? null : at;
}

/** As much of the time as before, about a moment. */
export function movedTo({ since, before }: Span, points: readonly Point[], moment: string): Span {
  const [from, until] = [since ?? points[0]?.taken_at, before ?? points.at(-1)?.taken_at];
  if (!from || !until) return {};
  const half = (Date.parse(until) - Date.parse(from)) / 2;
  const time = Date.parse(moment);
  return { since: new Date(time - half).toISOString(), before: new Date(time + half).toISOString() };
}
