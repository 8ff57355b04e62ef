import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import type { Point } from '../data/timeline';
import type { Unusual } from '../data/unusual';

/** What a point of the time says to whoever hears it. */
export function usePointWords(): (point: Point, unusual: Unusual | undefined) => string {
  const text = usePortalText();
  const format = useFormat();
  return ({ taken_at, changes, held, locked_until }, unusual) => {
    const moment = format.moment(taken_at);
    const said = changes
      ? text('time.valueChanges', {
          moment,
          added: changes.added,
          changed: changes.changed,
          removed: changes.removed,
        })
      : moment;
    const locked = locked_until && text('time.locked', { date: format.date(locked_until) });
    return [said, unusual && text('time.unusual'), held && text('time.held'), locked]
      .filter(Boolean)
      .join('. ');
  };
}
