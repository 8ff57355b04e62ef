import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { ROOT } from '../data/address';
import { type Point, pointNamed } from '../data/timeline';

/** A snapshot that is compared. */
export type Side = Pick<Point, 'id' | 'taken_at'>;

/** The snapshot that an address means: one of the points, or, where each stands for several, one behind them; undefined: it is still
 * being looked up. */
export function useSide(source: string, points: readonly Point[] | undefined, at: string) {
  const named = points && pointNamed(points, at);
  const { data, error } = useQuery({
    queryKey: ['side', source, at],
    queryFn: async ({ signal }): Promise<Side> => {
      const params = { path: { source }, query: { at, path: ROOT, limit: 1 } };
      const tree = await ask(() => api.GET('/portal/v1/sources/{source}/tree', { params, signal }));
      return tree.snapshot;
    },
    enabled: points !== undefined && named === null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const side: Side | undefined = named == null ? data : points?.[named];
  return { side, error };
}
