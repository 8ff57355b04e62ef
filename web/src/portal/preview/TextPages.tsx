import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { Checkbox, Select } from '../../ui/Choice';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { nameOf, pathOf } from '../data/address';
import styles from './FileView.module.css';
import type { Previewed } from './Preview';
import { TextView } from './TextView';

/** As the web names them; empty: told from the content. */
const ENCODINGS = [
  '',
  'utf-8',
  'windows-1251',
  'koi8-r',
  'ibm866',
  'utf-16le',
  'windows-1252',
  'shift_jis',
  'gbk',
];

/** A text, page by page: the first at once, the others when one wants to go on. */
export function TextPages({ source, address, at }: Previewed) {
  const text = usePortalText();
  const format = useFormat();
  const [encoding, setEncoding] = useState('');
  const [isWrapped, setWrapped] = useState(true);
  const pages = useInfiniteQuery(textQuery({ source, address, at }, encoding));
  if (pages.error) return <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <Skeleton lines={10} height={14} />;

  const all = pages.data.pages;
  const read = all.at(-1);
  return (
    <div className={styles.text}>
      <div className={styles.tools}>
        <Select
          label={text('preview.encoding')}
          isLabelHidden
          value={encoding}
          onChange={setEncoding}
          options={ENCODINGS.map((value) => ({
            value,
            label: value || text('preview.encoding.told', { name: all[0]?.encoding ?? '' }),
          }))}
        />
        <Checkbox isSelected={isWrapped} onChange={setWrapped}>
          {text('preview.wrap')}
        </Checkbox>
      </div>
      {all.some((page) => page.replaced) && <Notice tone="warn">{text('preview.replaced')}</Notice>}
      <TextView label={nameOf(address)} words={all.map((page) => page.text).join('')} isWrapped={isWrapped} />
      {pages.hasNextPage && read && (
        <Button isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {text('preview.more', { read: format.size(read.next ?? read.size), size: format.size(read.size) })}
        </Button>
      )}
    </div>
  );
}

export const textQuery = ({ source, address, at }: Previewed, encoding: string) => ({
  queryKey: ['text', source, address, at, encoding] as const,
  queryFn: ({ signal, pageParam }: { signal: AbortSignal; pageParam: number }) => {
    const query = {
      at,
      ...pathOf(address),
      ...(encoding && { encoding }),
      ...(pageParam > 0 && { offset: pageParam }),
    };
    const path = { source };
    return ask(() => api.GET('/portal/v1/sources/{source}/text', { params: { path, query }, signal }));
  },
  initialPageParam: 0,
  getNextPageParam: (page: { next?: number | null }) => page.next ?? undefined,
  staleTime: Number.POSITIVE_INFINITY,
});
