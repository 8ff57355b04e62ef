import { useQuery } from '@tanstack/react-query';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Column, Table } from '../../ui/Table';
import { LockedUntil } from '../browse/TimeLocks';
import { ROOT } from '../data/address';
import { useDevice } from '../data/sources';
import { type Point, timelineQuery } from '../data/timeline';
import { useTitle } from '../Page';
import { MountCommands } from '../settings/MountCommands';
import { Coverage } from './Coverage';
import styles from './DevicePage.module.css';

const SHOWN_MAX = 50;

/** What is kept of a device, and how to get at it. */
export function DevicePage({ device: source }: { device: string }) {
  const text = usePortalText();
  const format = useFormat();
  const device = useDevice(source);
  useTitle(device.name);
  return (
    <div className={styles.device}>
      <header className={styles.head}>
        <div>
          <h1>{device.name}</h1>
          <p className={styles.soft}>
            {device.last_at
              ? text('device.lastExact', { moment: format.moment(device.last_at) })
              : text('device.never')}
          </p>
        </div>
        <div className={styles.actions}>
          <LinkButton look="primary" icon="folder" href={to.browse(source)}>
            {text('device.browse')}
          </LinkButton>
          <LinkButton icon="search" href={to.search({ dev: source })}>
            {text('device.search')}
          </LinkButton>
        </div>
      </header>
      <dl className={styles.facts}>
        <div>
          <dt>{text('device.snapshots')}</dt>
          <dd>{format.number(device.snapshots)}</dd>
        </div>
        {device.first_at && (
          <div>
            <dt>{text('device.oldest')}</dt>
            <dd>{format.date(device.first_at)}</dd>
          </div>
        )}
        {device.host && (
          <div>
            <dt>{text('device.host')}</dt>
            <dd>{device.host}</dd>
          </div>
        )}
        <div>
          <dt>{text('device.may')}</dt>
          <dd>{format.list(device.uses.map((use) => text(`use.${use}`)))}</dd>
        </div>
      </dl>
      {!device.whole && <p className={styles.soft}>{text('device.partWords')}</p>}
      <section aria-labelledby="snapshots" className={styles.section}>
        <h2 id="snapshots">{text('device.newest')}</h2>
        <Snapshots source={source} />
      </section>
      <section aria-labelledby="coverage" className={styles.section}>
        <h2 id="coverage">{text('coverage.title')}</h2>
        <Coverage source={source} />
      </section>
      <section aria-labelledby="mount" className={styles.section}>
        <h2 id="mount">{text('device.mount')}</h2>
        <MountCommands source={device.name} />
      </section>
    </div>
  );
}

function Snapshots({ source }: { source: string }) {
  const text = usePortalText();
  const format = useFormat();
  const { data, error, refetch } = useQuery(timelineQuery(source, ROOT));
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={6} height={28} />;
  const count = (value: number | undefined) => (value === undefined ? '' : format.number(value));
  const shown = data.points.toReversed().slice(0, SHOWN_MAX);
  const locked: Column<Point> = {
    id: 'locked',
    head: text('column.locked'),
    cell: (point) => <LockedUntil isBare until={point.locked_until} />,
  };
  const columns: Column<Point>[] = [
    {
      id: 'taken',
      head: text('column.taken'),
      cell: (point) => (
        <a href={to.browse(source, { at: point.id.slice(0, 16) })}>{format.dateTime(point.taken_at)}</a>
      ),
    },
    {
      id: 'files',
      head: text('column.files'),
      isRight: true,
      cell: (point) => (point.files == null ? '' : format.number(point.files)),
    },
    { id: 'bytes', head: text('column.size'), isRight: true, cell: (point) => format.size(point.bytes) },
    {
      id: 'added',
      head: text('column.added'),
      isRight: true,
      isExtra: true,
      cell: (point) => count(point.changes?.added),
    },
    {
      id: 'changed',
      head: text('column.changed'),
      isRight: true,
      isExtra: true,
      cell: (point) => count(point.changes?.changed),
    },
    {
      id: 'removed',
      head: text('column.removed'),
      isRight: true,
      isExtra: true,
      cell: (point) => count(point.changes?.removed),
    },
    ...(shown.some((point) => point.locked_until) ? [locked] : []),
  ];
  return <Table label={text('device.newest')} rows={shown} columns={columns} keyOf={(point) => point.id} />;
}
