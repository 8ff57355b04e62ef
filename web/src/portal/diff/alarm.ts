//! What many differences at once come to.
import type { Line } from './useDiff';

export type Alarm =
  /** Files gave way to others of their names with one ending more, as those that are encrypted for a ransom do. */
  { kind: 'encrypted'; count: number; ending: string } | { kind: 'removed'; count: number };

const COUNT_MIN = 100;
/** Of the files that went. */
const SHARE = 0.5;

/** What should be said before the list: null, if nothing stands out. */
export function alarmOf(lines: readonly Line[]): Alarm | null {
  const gone = new Set<string>();
  for (const line of lines)
    if (line.change === 'removed' && line.before?.kind === 'file') gone.add(line.path);
  if (gone.size < COUNT_MIN) return null;
  const endings = new Map<string, number>();
  for (const { change, path } of lines) {
    if (change !== 'added') continue;
    const cut = path.lastIndexOf('.');
    if (cut <= 0 || !gone.has(path.slice(0, cut))) continue;
    const ending = path.slice(cut);
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }
  const [ending, count] = [...endings].sort((one, other) => other[1] - one[1])[0] ?? ['', 0];
  return count >= gone.size * SHARE
    ? { kind: 'encrypted', count, ending }
    : { kind: 'removed', count: gone.size };
}
