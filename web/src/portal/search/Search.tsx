import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { searchState, to } from '../../routes/portal';
import { useSearchState } from '../../routes/useSearchState';
import { Empty } from '../../ui/Empty';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { Beside } from '../browse/Beside';
import { addressOf, nameOf } from '../data/address';
import { type Hit, queryOf, searchQuery } from '../data/search';
import { devicesQuery } from '../data/sources';
import { useTitle } from '../Page';
import { Facets } from './Facets';
import { HitGrid, keyOfHit } from './HitGrid';
import { NothingFound } from './NothingFound';
import styles from './Search.module.css';
import { SearchBox } from './SearchBox';

const FileView = lazy(() => import('../preview/FileView').then((module) => ({ default: module.FileView })));
const Filters = lazy(() => import('./Filters').then((module) => ({ default: module.Filters })));

/** P3: every name in every snapshot, while one types. */
export function Search() {
  const text = usePortalText();
  const format = useFormat();
  const [state, set] = useSearchState(searchState);
  const asked = useDeferredValue(state);
  const found = useInfiniteQuery(searchQuery(asked, format.zone));
  const { data: devices } = useQuery(devicesQuery);
  const [current, setCurrent] = useState(0);
  const [version, setVersion] = useState('');
  useTitle(state.q || text('search.title'));

  const hits = useMemo(() => found.data?.pages.flatMap((page) => page.hits) ?? [], [found.data]);
  const first = found.data?.pages[0];
  const isAsking = queryOf(state) !== '';
  const selected = hits.find((hit) => keyOfHit(hit) === state.sel);
  const choose = (hit: Hit | undefined) => {
    setVersion('');
    set({ sel: hit ? keyOfHit(hit) : '' }, { isStep: state.sel === '' && hit !== undefined });
  };
  const change = useCallback(
    (next: Parameters<typeof set>[0]) => {
      setCurrent(0);
      set({ sel: '', ...next });
    },
    [set],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const onShow = useCallback(
    (_: number, end: number) => {
      if (end >= hits.length && hasNextPage && !isFetchingNextPage) void fetchNextPage();
    },
    [hits.length, hasNextPage, isFetchingNextPage, fetchNextPage],
  );

  return (
    <div className={styles.search} data-q={found.isPlaceholderData ? undefined : queryOf(asked)}>
      <h1 className="visually-hidden">{text('search.title')}</h1>
      <SearchBox
        value={state.q}
        onChange={(q) => change({ q })}
        onLeave={() => document.querySelector<HTMLElement>('[role=grid]')?.focus()}
        autoFocus
      />
      <Suspense fallback={<div className={styles.filters} />}>
        <Filters state={state} devices={devices ?? []} onChange={change} />
      </Suspense>
      {isAsking && first?.facets && (
        <Facets facets={first.facets} q={state.q} onChange={(q) => change({ q })} />
      )}
      <p role="status" className={styles.status}>
        {isAsking &&
          first &&
          !found.isPlaceholderData &&
          hits.length > 0 &&
          text('search.count', { n: first.paths ?? first.total })}
        {first?.partial && hits.length > 0 && ` · ${text('search.partial')}`}
      </p>
      {found.error && <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />}
      {!isAsking ? (
        <Empty icon="search" title={text('search.begin')}>
          <p>{text('search.beginWords')}</p>
          <p>
            <code>отчет ext:xlsx</code> · <code>size:&gt;10M</code> · <code>changed:2026-10</code> ·{' '}
            <code>"план 2026"</code>
          </p>
        </Empty>
      ) : (
        first &&
        (hits.length === 0 && !found.isFetching ? (
          <NothingFound found={first} state={state} devices={devices ?? []} onChange={change} />
        ) : (
          <Beside
            isOpen={selected !== undefined}
            title={selected ? nameOf(addressOf(selected)) : ''}
            onClose={() => choose(undefined)}
            beside={
              selected && (
                <Suspense fallback={<Skeleton lines={8} height={24} />}>
                  <FileView
                    key={state.sel}
                    source={selected.source}
                    address={addressOf(selected)}
                    at={selected.last.id ?? ''}
                    version={version}
                    onVersion={setVersion}
                    onClose={() => choose(undefined)}
                    uses={devices?.find((device) => device.uid === selected.source)?.uses}
                  />
                </Suspense>
              )
            }
          >
            <HitGrid
              hits={hits}
              count={hits.length}
              current={Math.min(current, Math.max(0, hits.length - 1))}
              onCurrent={setCurrent}
              onOpen={choose}
              onShow={onShow}
              isStale={found.isPlaceholderData}
              folderLink={(hit) =>
                to.browse(hit.source, { p: addressOf(hit), at: hit.last.id?.slice(0, 16) ?? '' })
              }
            />
          </Beside>
        ))
      )}
      {first?.partial && hits.length === 0 && <Notice tone="warn">{text('search.partial')}</Notice>}
    </div>
  );
}
