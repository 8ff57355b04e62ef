import { Link } from 'wouter';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { LinkButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { Badge } from '../../ui/Status';
import type { Device } from '../data/sources';
import styles from './Home.module.css';

/** A machine: when it was last captured, and the way into it. */
export function DeviceCard({ device }: { device: Device }) {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  return (
    <li className={styles.card}>
      <span className={styles.picture}>
        <Icon name={device.owner ? 'device' : 'server'} />
      </span>
      <div className={styles.about}>
        <h3>
          <Link href={to.browse(device.uid)} className={styles.name}>
            {device.name}
          </Link>
          {!device.whole && <Badge>{text('device.part')}</Badge>}
        </h3>
        {device.last_at ? (
          <p>
            {text('device.last', { ago: format.ago(device.last_at, now) })}
            <span className={styles.exact}>{format.dateTime(device.last_at)}</span>
          </p>
        ) : (
          <p>{text('device.never')}</p>
        )}
        <p className={styles.soft}>
          {text('count.snapshots', { n: device.snapshots })}
          {device.first_at && ` · ${text('device.since', { date: format.date(device.first_at) })}`}
        </p>
      </div>
      <LinkButton isSmall look="quiet" href={to.device(device.uid)}>
        {text('device.about')}
      </LinkButton>
    </li>
  );
}
