import { useSuspenseQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { useMe } from '../../api/me';
import { usePortalText } from '../../i18n/portal';
import { PageErrors } from '../../shell/PageErrors';
import { Empty } from '../../ui/Empty';
import { Skeleton } from '../../ui/Skeleton';
import { devicesQuery } from '../data/sources';
import { useTitle } from '../Page';
import { SearchBox } from '../search/SearchBox';
import { DeviceCard } from './DeviceCard';
import styles from './Home.module.css';
import { RecentlyDeleted } from './RecentlyDeleted';
import { RunningRestores } from './RunningRestores';
import { WaitingRestores } from './WaitingRestores';

/** P2: the search box, and below it what one may have come for without searching. */
export function Home() {
  const text = usePortalText();
  useTitle();
  return (
    <div className={styles.home}>
      <div className={styles.find}>
        <h1>{text('home.title')}</h1>
        <SearchBox autoFocus />
        <p className={styles.calm}>{text('home.calm')}</p>
      </div>
      <WaitingRestores />
      <RunningRestores />
      <PageErrors>
        <Suspense fallback={<Skeleton lines={3} height={88} />}>
          <Devices />
        </Suspense>
      </PageErrors>
    </div>
  );
}

function Devices() {
  const text = usePortalText();
  const { data: devices } = useSuspenseQuery(devicesQuery);
  const { role } = useMe().user;
  if (devices.length === 0) {
    return (
      <Empty icon="device" title={text('home.noDevices.title')}>
        {text(role === 'admin' || role === 'operator' ? 'home.noDevices.operator' : 'home.noDevices.user')}
      </Empty>
    );
  }
  return (
    <>
      <section aria-labelledby="devices" className={styles.section}>
        <h2 id="devices">{text('home.devices')}</h2>
        <ul className={styles.cards}>
          {devices.map((device) => (
            <DeviceCard key={device.uid} device={device} />
          ))}
        </ul>
      </section>
      <RecentlyDeleted />
    </>
  );
}
