import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { dayOf, endOfDay } from '../../lib/zoned';
import styles from './TimeBar.module.css';

interface GoToDayProps {
  first: string;
  last: string;
  current: string;
  /** A time, for the newest snapshot then or before. */
  onGo: (at: string) => void;
}

/** For who knows the day: everything is shown as it was at its end. */
export function GoToDay({ first, last, current, onGo }: GoToDayProps) {
  const text = usePortalText();
  const { zone } = useFormat();
  const go = (day: string) => {
    // While one writes, there are days that are none.
    if (/^\d{4}-\d{2}-\d{2}$/.test(day) && !day.startsWith('0'))
      onGo(endOfDay(day, zone).toISOString().replace('.000', ''));
  };
  return (
    <input
      type="date"
      aria-label={text('time.day')}
      min={dayOf(first, zone)}
      max={dayOf(last, zone)}
      value={dayOf(current, zone)}
      onChange={(event) => go(event.target.value)}
      className={styles.day}
    />
  );
}
