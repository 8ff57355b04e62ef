import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Redirect } from 'wouter';
import { meQuery } from '../api/me';
import { isProblem } from '../api/problem';
import { to } from '../routes/portal';
import { ErrorView } from '../ui/ErrorView';

/** Lets nobody in who is not signed in: they come back here afterwards. */
export function SignedIn({ children }: { children: ReactNode }) {
  const me = useQuery(meQuery);
  if (isProblem(me.error, 'unauthenticated')) {
    const here = window.location.pathname + window.location.search;
    // `~`: sign-in is a page of the portal, wherever one comes from.
    return <Redirect href={`~${to.signIn(here)}`} replace />;
  }
  if (me.error && !me.data) return <ErrorView error={me.error} onRetry={() => void me.refetch()} />;
  return me.data ? children : null;
}
