import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/common';
import { IconButton } from './Button';
import { Icon } from './Icon';
import type { Tone } from './Status';
import styles from './Toast.module.css';

interface Toast {
  id: number;
  tone: Tone;
  words: ReactNode;
}

const SHOWN_MS = 7_000;
const SHOWN_MAX = 4;

type Tell = (tone: Tone, words: ReactNode) => void;
const TellContext = createContext<Tell>(() => undefined);

/** Says what happened, at the edge of the page, for a while. What must not be missed stands in the page. */
export const useTell = (): Tell => useContext(TellContext);

export function Toasts({ children }: { children: ReactNode }) {
  const text = useText();
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const tell = useCallback<Tell>(
    (tone, words) => {
      const id = next.current++;
      setToasts((all) => [...all.slice(1 - SHOWN_MAX), { id, tone, words }]);
      setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  return (
    <TellContext value={useMemo(() => tell, [tell])}>
      {children}
      <div className={styles.toasts} role="log" aria-live="polite" aria-label={text('toast.region')}>
        {toasts.map((toast) => (
          <div key={toast.id} className={styles.toast} data-tone={toast.tone}>
            <Icon name={toast.tone === 'bad' ? 'failed' : toast.tone === 'warn' ? 'warning' : 'done'} />
            <div className={styles.words}>{toast.words}</div>
            <IconButton
              isSmall
              icon="close"
              aria-label={text('action.close')}
              onPress={() => drop(toast.id)}
            />
          </div>
        ))}
      </div>
    </TellContext>
  );
}
