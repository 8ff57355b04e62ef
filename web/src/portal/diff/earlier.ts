import type { Item } from '../browse/chosen';
import { addressOf, nameOf } from '../data/address';
import type { Line } from './useDiff';

/** What a difference was before, to be taken from there; null: it was not there. */
export function earlierOf(line: Line, from: string): Item | null {
  if (!line.before) return null;
  const address = addressOf(line.from ?? line);
  return { address, name: nameOf(address), kind: line.before.kind, size: line.before.size ?? null, at: from };
}
