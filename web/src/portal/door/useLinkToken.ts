import { useEffect, useState } from 'react';

/** What a link ends with, behind the `#`: it was never sent anywhere. It is taken out of the address, and so of the history. */
export function useLinkToken(): string {
  const [token] = useState(() => window.location.hash.slice(1));
  useEffect(() => window.history.replaceState(null, '', window.location.pathname), []);
  return token;
}
