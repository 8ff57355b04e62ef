//! What was chosen, across folders, of one device: each thing at the time it was seen at.
import { createContext, useContext, useMemo, useState } from 'react';
import type { Schemas } from '../../api/types';
import { type Address, pathOf } from '../data/address';

/** As the server allows in one download. */
export const CHOSEN_MAX = 1_000;

export interface Item {
  address: Address;
  name: string;
  kind: Schemas['KindBody'];
  size: number | null;
  /** The snapshot that has it. */
  at: string;
  /** When that was taken, where things of several times can be chosen. */
  takenAt?: string | undefined;
}

export interface Chosen {
  items: ReadonlyMap<Address, Item>;
  has: (address: Address) => boolean;
  set: (items: readonly Item[], isChosen: boolean) => void;
  clear: () => void;
}

const ChosenContext = createContext<Chosen | null>(null);
export const ChosenProvider = ChosenContext.Provider;

export function useChosenState(): Chosen {
  const [items, setItems] = useState<ReadonlyMap<Address, Item>>(new Map());
  return useMemo(
    () => ({
      items,
      has: (address) => items.has(address),
      set: (changed, isChosen) =>
        setItems((before) => {
          const next = new Map(before);
          for (const item of changed) {
            if (!isChosen) next.delete(item.address);
            else if (next.size < CHOSEN_MAX) next.set(item.address, item);
          }
          return next;
        }),
      clear: () => setItems((before) => (before.size === 0 ? before : new Map())),
    }),
    [items],
  );
}

export function useChosen(): Chosen {
  const chosen = useContext(ChosenContext);
  if (!chosen) throw new Error('useChosen stands outside of ChosenProvider');
  return chosen;
}

/** As tickets and restores take it. */
export const itemBody = ({ address, at }: Pick<Item, 'address' | 'at'>): Schemas['ItemBody'] => ({
  at,
  ...pathOf(address),
});

/** By the snapshots that they are of, the one with the most of them first. */
export function byTime(items: readonly Item[]): Item[][] {
  const times = new Map<string, Item[]>();
  for (const item of items) times.set(item.at, [...(times.get(item.at) ?? []), item]);
  return [...times.values()].sort((one, other) => other.length - one.length);
}

export const bytesOf = (items: Iterable<Item>): number => {
  let bytes = 0;
  for (const item of items) bytes += item.size ?? 0;
  return bytes;
};
