import { useQueries } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { api, ask } from '../../api/client';
import { usePortalText } from '../../i18n/portal';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { type Address, nameOf, pathOf } from '../data/address';
import styles from './FileView.module.css';

const TextCompare = lazy(() => import('./TextCompare').then((module) => ({ default: module.TextCompare })));

/** Of each side at most: comparing takes time that grows faster than texts do. */
const BYTES_MAX = 1_048_576;

interface CompareProps {
  source: string;
  address: Address;
  /** Snapshots: of the earlier version, and of the later. */
  before: string;
  after: string;
  /** Where the earlier one lay, if it was moved. */
  from?: Address;
}

/** Two versions of a text, line by line. */
export function Compare({ source, address, before, after, from = address }: CompareProps) {
  const text = usePortalText();
  const sides = useQueries({
    queries: [wholeQuery(source, from, before), wholeQuery(source, address, after)],
  });
  const [old, now] = sides;
  const failed = sides.find((side) => side.error);
  if (failed) return <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!old.data || !now.data) return <Skeleton lines={10} height={14} />;
  const isCut = old.data.next != null || now.data.next != null;
  return (
    <div className={styles.text}>
      {isCut && <Notice tone="warn">{text('compare.cut')}</Notice>}
      {old.data.text === now.data.text ? (
        <Notice tone="good">{text('compare.same')}</Notice>
      ) : (
        <Suspense fallback={<Skeleton lines={10} height={14} />}>
          <TextCompare label={nameOf(address)} before={old.data.text} after={now.data.text} />
        </Suspense>
      )}
    </div>
  );
}

const wholeQuery = (source: string, address: Address, at: string) => ({
  queryKey: ['text', 'whole', source, address, at],
  queryFn: ({ signal }: { signal: AbortSignal }) => {
    const query = { at, ...pathOf(address), bytes: BYTES_MAX };
    const path = { source };
    return ask(() => api.GET('/portal/v1/sources/{source}/text', { params: { path, query }, signal }));
  },
  staleTime: Number.POSITIVE_INFINITY,
});
