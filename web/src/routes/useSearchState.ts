import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { Codec } from './codec';

interface How {
  /** Whether Back leads to the state before. Not for what is typed or dragged. */
  isStep?: boolean;
}

export type SetState<State> = (change: Partial<State>, how?: How) => void;

/** A page's state, kept in its address and nowhere else. */
export function useSearchState<State>(codec: Codec<State>): [State, SetState<State>] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const state = useMemo(() => codec.read(search), [codec, search]);
  const set = useCallback<SetState<State>>(
    (change, { isStep = false } = {}) => {
      // Read anew: two changes may come before the page is drawn again.
      const next = { ...codec.read(window.location.search), ...change };
      // `~`: the whole path, whatever the router stands below.
      navigate(`~${window.location.pathname}${codec.write(next)}`, { replace: !isStep });
    },
    [codec, navigate],
  );
  return [state, set];
}
