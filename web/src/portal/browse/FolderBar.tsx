import { type KeyboardEvent, useEffect, useRef } from 'react';
import { usePortalText } from '../../i18n/portal';
import { isWriting } from '../../lib/isWriting';
import type { BrowseState } from '../../routes/portal';
import { IconButton } from '../../ui/Button';
import { Checkbox } from '../../ui/Choice';
import { Icon } from '../../ui/Icon';
import type { Folder } from '../data/tree';
import styles from './Browse.module.css';

interface FolderBarProps {
  state: BrowseState;
  folder: Folder | undefined;
  count: number;
  onFilter: (words: string) => void;
  onDeleted: (isShown: boolean) => void;
  onUp: (() => void) | undefined;
}

/** Narrows the list: by a part of the names, and to what is still there. */
export function FolderBar({ state, folder, count, onFilter, onDeleted, onUp }: FolderBarProps) {
  const text = usePortalText();
  const filter = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      const isFind =
        (event.ctrlKey || event.metaKey) && event.key === 'f' && document.activeElement !== filter.current;
      const isLetter =
        event.key === 'f' && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target);
      if (!isFind && !isLetter) return;
      event.preventDefault();
      filter.current?.select();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && state.f) onFilter('');
    else if (event.key !== 'Escape' && event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    event.preventDefault();
    document.querySelector<HTMLElement>('[role=grid]')?.focus();
  };
  const gone = folder?.deleted ?? 0;
  return (
    <div className={styles.bar}>
      <IconButton
        isSmall
        icon="arrow-up"
        aria-label={text('browse.up')}
        isDisabled={onUp === undefined}
        onPress={() => onUp?.()}
      />
      <div className={styles.filter}>
        <Icon name="filter" />
        <input
          ref={filter}
          type="search"
          aria-label={text('browse.filter')}
          placeholder={text('browse.filter')}
          autoComplete="off"
          spellCheck={false}
          value={state.f}
          onChange={(event) => onFilter(event.target.value)}
          onKeyDown={press}
        />
      </div>
      <Checkbox isSelected={state.deleted} onChange={onDeleted}>
        {gone > 0 ? text('browse.deletedCount', { n: gone }) : text('browse.deleted')}
      </Checkbox>
      <span className={styles.count}>{folder && text('browse.count', { n: count })}</span>
    </div>
  );
}
