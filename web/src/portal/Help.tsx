import { useCallback, useEffect, useState } from 'react';
import { type PortalWords, usePortalText } from '../i18n/portal';
import { Dialog } from '../ui/Dialog';
import styles from './Help.module.css';

const KEYS: [keys: string[], words: keyof PortalWords & `keys.${string}`][] = [
  [['/'], 'keys.search'],
  [['?'], 'keys.help'],
  [['↑', '↓', 'PgUp', 'PgDn', 'Home', 'End'], 'keys.move'],
  [['Enter'], 'keys.open'],
  [['Backspace'], 'keys.parent'],
  [['Space'], 'keys.select'],
  [['Shift+↑', 'Shift+↓'], 'keys.extend'],
  [['Ctrl+A'], 'keys.all'],
  [['Esc'], 'keys.clear'],
  [['f'], 'keys.filter'],
  [['p'], 'keys.preview'],
  [['d'], 'keys.download'],
  [['r'], 'keys.restore'],
  [['c'], 'keys.copy'],
  [['x'], 'keys.deleted'],
  [['[', ']'], 'keys.snapshot'],
  [['{', '}'], 'keys.change'],
  [['j', 'k'], 'keys.version'],
];

export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const text = usePortalText();
  return (
    <Dialog title={text('keys.title')} isOpen={isOpen} onClose={onClose}>
      <p className={styles.words}>{text('keys.words')}</p>
      <dl className={styles.keys}>
        {KEYS.map(([keys, words]) => (
          <div key={words} className={styles.line}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text(words as 'keys.search')}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

/** `?` opens it anywhere but where one writes. */
export function useHelp() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== '?' || isWriting(event.target)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  return { isOpen, open: useCallback(() => setOpen(true), []), close: useCallback(() => setOpen(false), []) };
}

export const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
