import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { type AdminWords, useAdminText } from '../i18n/admin';
import { Stored, useStored } from '../lib/stored';
import { toWatch } from '../routes/adminWatch';
import { IconButton } from '../ui/Button';
import { Checkbox } from '../ui/Choice';
import { Dialog } from '../ui/Dialog';
import type { Scope } from './areas';
import styles from './KeyHelp.module.css';

/** Keys without Ctrl can be turned off: who speaks to the computer would press them by speaking. */
const letterKeys = new Stored<'on' | 'off'>('admin-keys', 'on', (text) => text === 'on' || text === 'off');

const SECOND_KEY_MS = 1_200;

interface Go {
  key: string;
  href: string;
  label: keyof AdminWords & `nav.${string}`;
}

const GO: readonly Go[] = [
  { key: 'd', href: toWatch.dashboard(), label: 'nav.dashboard' },
  { key: 'j', href: toWatch.jobs(), label: 'nav.jobs' },
  { key: 'c', href: toWatch.calendar(), label: 'nav.calendar' },
  { key: 'p', href: toWatch.plans(), label: 'nav.plans' },
  { key: 'm', href: toWatch.agents(), label: 'nav.agents' },
];

/** What the keyboard does, and its doing: `g` and a letter go to a page, `?` shows this. */
export function KeyHelp({ scope }: { scope: Scope }) {
  const text = useAdminText();
  const [isOpen, setOpen] = useState(false);
  const isOn = useStored(letterKeys) === 'on';
  useLetters(scope === 'org' && isOn, () => setOpen(true));
  if (scope !== 'org') return null;
  return (
    <>
      <IconButton icon="help" aria-label={text('menu.help')} onPress={() => setOpen(true)} />
      <Dialog title={text('keys.title')} isOpen={isOpen} onClose={() => setOpen(false)}>
        <dl className={styles.keys}>
          {GO.map(({ key, label }) => (
            <div key={key}>
              <dt>
                <kbd>g</kbd> <kbd>{key}</kbd>
              </dt>
              <dd>{text(label)}</dd>
            </div>
          ))}
          <div>
            <dt>
              <kbd>?</kbd>
            </dt>
            <dd>{text('keys.help')}</dd>
          </div>
        </dl>
        <Checkbox isSelected={isOn} onChange={(on) => letterKeys.set(on ? 'on' : 'off')}>
          {text('keys.letters')}
        </Checkbox>
      </Dialog>
    </>
  );
}

function useLetters(isOn: boolean, onHelp: () => void): void {
  const [, navigate] = useLocation();
  const began = useRef(0);
  const help = useRef(onHelp);
  help.current = onHelp;
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event))
        return;
      if (event.key === '?') help.current();
      else if (Date.now() - began.current < SECOND_KEY_MS) {
        const go = GO.find(({ key }) => event.code === `Key${key.toUpperCase()}`);
        if (go) navigate(go.href);
        began.current = 0;
      } else if (event.code === 'KeyG') began.current = Date.now();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isOn, navigate]);
}

/** Whether the key belongs to what has the focus: fields, lists that one types in, dialogs. */
const isWriting = (event: KeyboardEvent): boolean =>
  event.target instanceof Element &&
  event.target.closest(
    'input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=grid]',
  ) !== null;
