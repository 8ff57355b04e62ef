import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { meQuery } from '../api/me';
import { Unreachable } from '../api/problem';
import { useText } from '../i18n/common';
import { Icon } from '../ui/Icon';
import styles from './Offline.module.css';

const ASK_EVERY_MS = 4_000;
/** The network came or went: whether the server still answers is found out at once. */
const NETWORK = ['offline', 'online'] as const;

/** Says that the server does not answer, until it does. What is on the page stays. */
export function Offline() {
  const text = useText();
  const queries = useQueryClient();
  const [isOffline, setOffline] = useState(false);
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated') return;
        if (event.action.type === 'success') setOffline(false);
        else if (event.action.type === 'failed' || event.action.type === 'error') {
          if (event.action.error instanceof Unreachable) setOffline(true);
        }
      }),
    [queries],
  );
  useEffect(() => {
    const ask = () => {
      // Whoever answers this is there: everything that failed meanwhile is asked again.
      void queries
        .fetchQuery({ ...meQuery, staleTime: 0, retry: false })
        .then(() => queries.refetchQueries({ predicate: (query) => query.state.status === 'error' }))
        .catch(() => undefined);
    };
    const timer = isOffline ? setInterval(ask, ASK_EVERY_MS) : undefined;
    for (const change of NETWORK) window.addEventListener(change, ask);
    return () => {
      clearInterval(timer);
      for (const change of NETWORK) window.removeEventListener(change, ask);
    };
  }, [isOffline, queries]);
  return (
    <div role="status" className={styles.place}>
      {isOffline && (
        <p className={styles.bar}>
          <Icon name="offline" />
          {text('state.offline')}
        </p>
      )}
    </div>
  );
}
