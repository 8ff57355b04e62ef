import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useSpeech } from '../../i18n/language';
import { usePortalText } from '../../i18n/portal';
import { type BrowseState, browseState, to } from '../../routes/portal';
import { useSearchState } from '../../routes/useSearchState';
import { Button } from '../../ui/Button';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { type Address, nameOf, parentOf, within } from '../data/address';
import { useDevice } from '../data/sources';
import { type Entry, type FolderAsked, isFolder } from '../data/tree';
import { useTitle } from '../Page';
import { Beside } from './Beside';
import styles from './Browse.module.css';
import { Crumbs } from './Crumbs';
import { useChosen } from './chosen';
import { FolderBar } from './FolderBar';
import { FolderEmpty } from './FolderEmpty';
import { FolderGrid } from './FolderGrid';
import { TimeBar } from './TimeBar';
import { useFolder } from './useFolder';
import { useShare } from './useShare';

const FileView = lazy(() => import('../preview/FileView').then((module) => ({ default: module.FileView })));
const ChosenBar = lazy(() => import('./ChosenBar').then((module) => ({ default: module.ChosenBar })));

/** A folder, the time it is seen at, and what is previewed beside it. All of it is in the address. */
export function BrowseFolder({ device: source }: { device: string }) {
  const text = usePortalText();
  const { language } = useSpeech();
  const device = useDevice(source);
  const [, navigate] = useLocation();
  const share = useShare(source);
  const chosen = useChosen();
  const [state, set] = useSearchState(browseState);
  const [current, setCurrent] = useState(0);
  const folder: Address = state.p;
  useTitle(nameOf(folder), device.name);

  const asked = useMemo<FolderAsked>(
    () => ({
      source,
      at: state.at,
      folder,
      contains: state.f.trim(),
      sort: state.sort.replace('-', '') as FolderAsked['sort'],
      isDescending: state.sort.startsWith('-'),
      withDeleted: state.deleted,
      language,
    }),
    [source, state.at, folder, state.f, state.sort, state.deleted, language],
  );
  const rows = useFolder(asked);
  const shownFolder = rows.folder;

  const go = useCallback(
    (change: Partial<BrowseState>) => {
      setCurrent(0);
      set({ f: '', pv: '', v: '', ...change }, { isStep: true });
    },
    [set],
  );
  const open = (entry: Entry) => {
    const address = within(folder, entry);
    // A folder that is gone is opened at the time it was there last.
    if (isFolder(entry)) go({ p: address, ...(entry.deleted && { at: entry.deleted.id }) });
    else set({ pv: address, v: '' }, { isStep: state.pv === '' });
  };
  const linkTo = (p: Address) => to.browse(source, { ...state, p, f: '', pv: '', v: '' });

  // Of the snapshot that is seen: tomorrow's newest is another one.
  const copyLink = () => shownFolder && share.mutate({ snapshot: shownFolder.snapshot.id, state });

  if (rows.error) {
    return <ErrorView error={rows.error} onRetry={rows.retry} />;
  }
  return (
    <div className={styles.browse}>
      <header className={styles.head}>
        <Crumbs device={device.name} folder={folder} linkTo={linkTo} />
        <Button
          isSmall
          look="quiet"
          icon="link"
          isDisabled={!shownFolder}
          isPending={share.isPending}
          onPress={copyLink}
        >
          {text('share.action')}
        </Button>
      </header>
      <TimeBar
        source={source}
        folder={folder}
        at={state.at}
        taken={rows.isStale ? undefined : shownFolder?.snapshot}
        onMove={(at, isStep) => set({ at, v: '' }, { isStep })}
      />
      <FolderBar
        state={state}
        folder={shownFolder}
        count={rows.count}
        onFilter={(f) => {
          setCurrent(0);
          set({ f });
        }}
        onDeleted={(deleted) => set({ deleted })}
        onUp={folder === '/' ? undefined : () => go({ p: parentOf(folder) })}
      />
      <Beside
        isOpen={state.pv !== ''}
        title={nameOf(state.pv)}
        onClose={() => set({ pv: '', v: '' })}
        beside={
          <Suspense fallback={<Skeleton lines={8} height={24} />}>
            <FileView
              key={state.pv}
              source={source}
              address={state.pv}
              at={shownFolder?.snapshot.id ?? state.at}
              version={state.v}
              onVersion={(v) => set({ v })}
              onClose={() => set({ pv: '', v: '' })}
              uses={shownFolder?.uses}
            />
          </Suspense>
        }
      >
        <FolderGrid
          key={folder}
          rows={rows}
          folder={folder}
          sort={state.sort}
          onSort={(sort) => set({ sort })}
          current={Math.min(current, Math.max(0, rows.count - 1))}
          onCurrent={setCurrent}
          onOpen={open}
          onParent={() => folder !== '/' && go({ p: parentOf(folder) })}
          onCopy={copyLink}
          onDeleted={() => set({ deleted: !state.deleted })}
          onVersions={(entry) => navigate(to.file(source, { p: within(folder, entry) }))}
          source={source}
          empty={
            !shownFolder ? (
              <Skeleton lines={8} height={20} />
            ) : (
              <FolderEmpty
                filter={state.f}
                onClear={() => set({ f: '' })}
                source={source}
                folder={folder}
                onMove={(at) => go({ at })}
              />
            )
          }
        />
      </Beside>
      <Suspense>
        {chosen.items.size > 0 && <ChosenBar source={source} uses={shownFolder?.uses ?? device.uses} />}
      </Suspense>
      <p className="visually-hidden" role="status">
        {shownFolder && !rows.isStale && text('browse.count', { n: rows.count })}
      </p>
    </div>
  );
}
