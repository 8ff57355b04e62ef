import { useQueries } from '@tanstack/react-query';
import { Link } from 'wouter';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { coverageQuery, type Device } from '../data/sources';
import { useLeftOut } from '../device/useLeftOut';
import styles from './Search.module.css';

/** Devices of which it is said; whoever has more chooses one. */
const DEVICES_MAX = 4;
/** Of each. */
const NAMES_MAX = 8;

/** What the devices that were searched leave out: what is looked for may never have been saved. */
export function NotSaved({ devices }: { devices: readonly Device[] }) {
  const text = usePortalText();
  const wordsOf = useLeftOut();
  const shown = devices.slice(0, DEVICES_MAX);
  const found = useQueries({ queries: shown.map((device) => coverageQuery(device.uid)) });
  const told = shown.flatMap((device, at) => {
    const names = [...new Set(found[at]?.data?.plans?.flatMap(wordsOf))];
    return names.length > 0 ? [{ device, names }] : [];
  });
  if (told.length === 0) return null;
  return (
    <section className={styles.notSaved} aria-label={text('coverage.leftOut')}>
      {told.map(({ device, names }) => (
        <p key={device.uid}>
          {text('search.notSaved', { device: device.name })} {names.slice(0, NAMES_MAX).join(', ')}
          {names.length > NAMES_MAX && '…'}{' '}
          <Link href={to.device(device.uid)}>{text('search.notSaved.all')}</Link>
        </p>
      ))}
    </section>
  );
}
