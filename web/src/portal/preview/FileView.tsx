import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { isWriting } from '../../lib/isWriting';
import { to } from '../../routes/portal';
import { Button, IconButton, LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { useDownload } from '../browse/useDownload';
import { type Address, nameOf, parentOf, shown } from '../data/address';
import { versionsQuery } from '../data/timeline';
import { useRestoreDialog } from '../restore/RestoreDialog';
import { Compare } from './Compare';
import styles from './FileView.module.css';
import { familyOf } from './family';
import { Preview } from './Preview';
import { Versions } from './Versions';
import { chosenVersion, keyOf } from './version';

interface FileViewProps {
  source: string;
  address: Address;
  /** The snapshot that is looked at: its version is shown first. */
  at: string;
  /** Which version, by its content; empty: that of `at`. */
  version: string;
  onVersion: (version: string) => void;
  onClose?: () => void;
  uses: readonly Schemas['UseBody'][] | undefined;
}

/** P5: the versions of a file, and what the chosen one looks like. */
export function FileView({ source, address, at, version, onVersion, onClose, uses }: FileViewProps) {
  const text = usePortalText();
  const format = useFormat();
  const download = useDownload();
  const restore = useRestoreDialog();
  const [isComparing, setComparing] = useState(false);
  const name = nameOf(address);
  const query = useQuery(versionsQuery(source, address));
  const versions = useMemo(() => query.data?.versions ?? [], [query.data]);
  const index = chosenVersion(versions, version, at);
  const shownVersion = versions[index];
  const previous = versions[index + 1];
  const place = shownVersion?.snapshots[0];

  const flip = useRef((_: number) => {});
  flip.current = (step) => {
    const next = versions[index + step];
    if (next) onVersion(keyOf(next));
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'j') flip.current(1);
      else if (event.key === 'k') flip.current(-1);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);

  const isGone = query.data !== undefined && versions.length > 0 && !isInNewest(query.data, at);
  const items = place
    ? [{ address, at: place.id, name, kind: shownVersion.kind, size: shownVersion.size ?? null }]
    : [];
  const may = (use: Schemas['UseBody']) => uses === undefined || uses.includes(use);
  return (
    <article className={styles.view}>
      <header className={styles.head}>
        <div className={styles.title}>
          <h2>{name}</h2>
          <p className={styles.soft}>{shown(parentOf(address))}</p>
        </div>
        {onClose && <IconButton isSmall icon="close" aria-label={text('action.close')} onPress={onClose} />}
      </header>
      {place && (
        <div className={styles.actions}>
          {may('download') && (
            <Button
              look="primary"
              icon="download"
              isPending={download.isPending}
              onPress={() => download.mutate({ source, items, form: 'file' })}
            >
              {index === 0 ? text('action.download') : text('file.downloadVersion')}
            </Button>
          )}
          {may('restore') && (
            <Button icon="restore" onPress={() => restore.open({ source, items })}>
              {text('action.putBack')}
            </Button>
          )}
          {previous && familyOf(name) === 'text' && (
            <Button icon="compare" onPress={() => setComparing(!isComparing)}>
              {isComparing ? text('file.showOne') : text('file.compare')}
            </Button>
          )}
          <LinkButton
            look="quiet"
            icon="folder"
            href={to.browse(source, { p: parentOf(address), at: place.id.slice(0, 16), pv: address })}
          >
            {text('file.inFolder')}
          </LinkButton>
        </div>
      )}
      {isGone && (
        <Notice tone="warn">{text('file.gone', { date: format.dateTime(lastSeen(versions)) })}</Notice>
      )}
      {query.error && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.complete === false && <Notice tone="warn">{text('file.incomplete')}</Notice>}
      <div className={styles.parts}>
        {query.isPending ? (
          <Skeleton lines={5} height={40} />
        ) : (
          <Versions versions={versions} chosen={index} onChoose={(one) => onVersion(keyOf(one))} />
        )}
        <div className={styles.preview}>
          {shownVersion &&
            place &&
            (isComparing && previous?.snapshots[0] ? (
              <Compare source={source} address={address} before={previous.snapshots[0].id} after={place.id} />
            ) : (
              <Preview
                key={keyOf(shownVersion)}
                source={source}
                address={address}
                at={place.id}
                kind={shownVersion.kind}
                size={shownVersion.size ?? 0}
              />
            ))}
        </div>
      </div>
      {restore.dialog}
    </article>
  );
}

/** Whether the snapshot that is looked at still has it. */
function isInNewest(data: Schemas['VersionsBody'], at: string): boolean {
  if (!at) return true;
  return data.versions.some((version) => version.snapshots.some((snapshot) => snapshot.id.startsWith(at)));
}

const lastSeen = (versions: readonly Schemas['VersionBody'][]) =>
  versions
    .flatMap((version) => version.snapshots[0]?.taken_at ?? [])
    .toSorted()
    .at(-1) ?? '';
