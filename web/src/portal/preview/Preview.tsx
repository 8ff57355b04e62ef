import { lazy, Suspense, useState } from 'react';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Empty } from '../../ui/Empty';
import { Skeleton } from '../../ui/Skeleton';
import { type Address, nameOf, pathOf } from '../data/address';
import styles from './FileView.module.css';
import { familyOf } from './family';

const TextPages = lazy(() => import('./TextPages').then((module) => ({ default: module.TextPages })));

export interface Previewed {
  source: string;
  address: Address;
  at: string;
}

interface PreviewProps extends Previewed {
  kind: Schemas['KindBody'];
  size: number;
}

/** What a version looks like. Nothing of it runs as a part of this page: text is drawn by us, pictures are redrawn by the server,
 * and everything else stands in a frame without rights. */
export function Preview({ kind, size, ...file }: PreviewProps) {
  const text = usePortalText();
  const format = useFormat();
  const name = nameOf(file.address);
  const [isRefused, setRefused] = useState(false);
  const url = (route: 'image' | 'media', more: Record<string, string> = {}) =>
    `/portal/v1/sources/${file.source}/${route}?${new URLSearchParams({ at: file.at, ...pathOf(file.address), ...more })}`;

  if (kind !== 'file') return <Nothing words={text('preview.noFile')} />;
  if (size === 0) return <Nothing words={text('preview.emptyFile')} />;
  if (isRefused) return <Nothing words={text('preview.unknown', { size: format.size(size) })} />;
  switch (familyOf(name)) {
    case 'text':
      return (
        <Suspense fallback={<Skeleton lines={10} height={14} />}>
          <TextPages {...file} />
        </Suspense>
      );
    case 'image':
      return (
        <div className={styles.picture}>
          <img src={url('image', { pixels: '1600' })} alt={name} onError={() => setRefused(true)} />
        </div>
      );
    case 'pdf':
      return navigator.pdfViewerEnabled ? (
        <iframe src={url('media')} title={name} className={styles.frame} />
      ) : (
        <Nothing words={text('preview.noPdf')} />
      );
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: what was backed up has the captions it has
      return <audio controls src={url('media')} className={styles.sound} onError={() => setRefused(true)} />;
    case 'video':
      // biome-ignore lint/a11y/useMediaCaption: what was backed up has the captions it has
      return <video controls src={url('media')} className={styles.film} onError={() => setRefused(true)} />;
    case 'archive':
    case 'other':
      return <Nothing words={text('preview.unknown', { size: format.size(size) })} />;
  }
}

function Nothing({ words }: { words: string }) {
  const text = usePortalText();
  return (
    <Empty icon="eye" title={text('preview.none')}>
      {words}
    </Empty>
  );
}
