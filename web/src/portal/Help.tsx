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
  [['+', '-'], 'keys.zoom'],
  [['t'], 'keys.moment'],
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
