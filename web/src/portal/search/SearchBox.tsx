import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { usePortalText } from '../../i18n/portal';
import { classes } from '../../lib/classes';
import { isWriting } from '../../lib/isWriting';
import { to } from '../../routes/portal';
import { IconButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import styles from './SearchBox.module.css';

interface SearchBoxProps {
  /** In the bar: it leads to the search page. */
  isSmall?: boolean;
  value?: string;
  onChange?: (value: string) => void;
  /** Down: into the list below. */
  onLeave?: () => void;
  autoFocus?: boolean;
}

/** The box everything begins with. What is typed on other pages goes on on the search page, letter by letter. */
export function SearchBox({ isSmall = false, value, onChange, onLeave, autoFocus = false }: SearchBoxProps) {
  const text = usePortalText();
  const [, navigate] = useLocation();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const change =
    onChange ??
    ((q: string) => {
      setTyped(q);
      if (q) navigate(to.search({ q }));
    });

  useLayoutEffect(() => {
    // At the end of what was typed on the page before, and before the next letter comes.
    if (autoFocus) input.current?.focus();
    const length = input.current?.value.length ?? 0;
    if (autoFocus) input.current?.setSelectionRange(length, length);
  }, [autoFocus]);
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      const isCombination = (event.ctrlKey || event.metaKey) && event.key === 'k';
      if (!isCombination && (event.key !== '/' || isWriting(event.target))) return;
      event.preventDefault();
      input.current?.select();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);

  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' && onLeave) {
      event.preventDefault();
      onLeave();
    } else if (event.key === 'Escape') {
      if ((value ?? typed) === '') input.current?.blur();
      else change('');
    }
  };
  const shown = value ?? typed;
  return (
    <search className={classes(styles.box, isSmall && styles.small)}>
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        aria-label={text('search.label')}
        placeholder={text(isSmall ? 'search.placeholder.short' : 'search.placeholder')}
        value={shown}
        onChange={(event) => change(event.target.value)}
        onKeyDown={press}
        className={styles.input}
      />
      {shown ? (
        <IconButton
          isSmall
          icon="close"
          aria-label={text('search.clear')}
          onPress={() => {
            change('');
            input.current?.focus();
          }}
        />
      ) : (
        <kbd className={styles.hint}>/</kbd>
      )}
    </search>
  );
}
