import { useEffect, useRef } from 'react';
import { isWriting } from '../../lib/isWriting';

/** Keys that move in time wherever the focus is, but where somebody writes. */
export function useTimeKeys(acts: Readonly<Record<string, () => unknown>>): void {
  const current = useRef(acts);
  current.current = acts;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      const isSlider = (event.target as HTMLElement).getAttribute('type') === 'range';
      if (isWriting(event.target) && !isSlider) return;
      const act = current.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
