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

/** The point of a snapshot, or the last one at or before a time; null: it says neither. */
export function pointOf(points: readonly Point[], at: string): number | null {
  if (!at) return points.length - 1;
  const named = points.findIndex((point) => point.id.startsWith(at));
  if (named >= 0) return named;
  const time = Date.parse(at);
  if (Number.isNaN(time)) return null;
  const later = points.findIndex((point) => Date.parse(point.taken_at) > time);
  return later === -1 ? points.length - 1 : Math.max(0, later - 1);
}

/** The same; the newest, if it says neither. */
export const pointAt = (points: readonly Point[], at: string): number =>
  pointOf(points, at) ?? points.length - 1;
