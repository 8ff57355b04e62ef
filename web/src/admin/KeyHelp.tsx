import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useAdminText } from '../i18n/admin';
import { useStored } from '../lib/stored';
import { IconButton } from '../ui/Button';
import type { Scope } from './areas';
import { GO, letterKeys } from './goKeys';

const KeyDialog = lazy(() => import('./KeyDialog'));

const SECOND_KEY_MS = 1_200;

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
      {isOpen && (
        <Suspense fallback={null}>
          <KeyDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
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
        // By the place of the key: on a Russian layout it is another letter.
        const go = GO.find(({ key }) => event.code === `Key${key.toUpperCase()}`);
        if (go) navigate(go.href);
        began.current = 0;
      } else if (event.code === 'KeyG') began.current = Date.now();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isOn, navigate]);
}

const TAKES_LETTERS =
  'input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu], [role=grid]';

/** Whether the key belongs to what has the focus: fields, lists that one types in, dialogs. */
const isWriting = (event: KeyboardEvent): boolean =>
  event.target instanceof Element && event.target.closest(TAKES_LETTERS) !== null;
