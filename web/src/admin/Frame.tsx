import { useQuery } from '@tanstack/react-query';
import { type ReactNode, Suspense, useMemo } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useMe } from '../api/me';
import { Problem } from '../api/problem';
import { useAdminText } from '../i18n/admin';
import { installation } from '../routes/adminWatch';
import { to } from '../routes/portal';
import { AccountMenu } from '../shell/AccountMenu';
import { Bar } from '../shell/Bar';
import { PageErrors } from '../shell/PageErrors';
import { LinkButton } from '../ui/Button';
import { Empty } from '../ui/Empty';
import { ErrorView } from '../ui/ErrorView';
import { Skeleton } from '../ui/Skeleton';
import type { Scope } from './areas';
import { type Console, ConsoleProvider } from './console';
import styles from './Frame.module.css';
import { KeyHelp } from './KeyHelp';
import { useLive } from './live';
import { NavigationColumn, NavigationDrawer } from './Navigation';
import { OrgSwitcher } from './OrgSwitcher';
import { orgsQuery } from './orgs';
import { useAreas } from './visible';

/** What every page of the console stands in: who looks, at which organization, and the way to its other pages. */
export function Frame({ orgName }: { orgName: string | null }) {
  const text = useAdminText();
  const me = useMe();
  const isRoot = me.user.role === 'root';
  const orgs = useQuery({ ...orgsQuery, enabled: me.user.role !== 'user' });
  const wanted = isRoot ? orgName : (me.user.org ?? null);
  const org = orgs.data?.find((one) => (isRoot ? one.name === wanted : one.uid === wanted)) ?? null;

  const about = useMemo<Console>(() => ({ me, org, isRoot }), [me, org, isRoot]);
  useLive(org?.uid ?? null);

  if (!isRoot && orgName !== null) return <Redirect href="~/admin" replace />;
  if (me.user.role === 'user') {
    return (
      <Plain>
        <Empty icon="lock" title={text('console.notForYou.title')} actions={<ToFiles />}>
          {text('console.notForYou.words')}
        </Empty>
      </Plain>
    );
  }
  if (orgs.error && !orgs.data) {
    return (
      <Plain>
        <ErrorView error={orgs.error} onRetry={() => void orgs.refetch()} />
      </Plain>
    );
  }
  const isFound = wanted === null || org !== null;
  const scope: Scope = wanted === null ? 'installation' : 'org';
  return (
    <ConsoleProvider value={about}>
      <Bar
        name={text('product.name')}
        home="/"
        end={
          <>
            <KeyHelp scope={scope} />
            <AccountMenu page="admin" />
          </>
        }
      >
        <div className={styles.where}>
          <NavigationDrawer scope={scope} />
          <OrgSwitcher orgs={orgs.data ?? []} />
        </div>
      </Bar>
      <div className={styles.page}>
        <NavigationColumn scope={scope} />
        <main id="content" className={styles.content}>
          {!orgs.data ? <Skeleton lines={6} height={20} /> : isFound ? <Pages scope={scope} /> : <NoOrg />}
        </main>
      </div>
    </ConsoleProvider>
  );
}

/** The page of this address. Each is loaded when it is first looked at. */
function Pages({ scope }: { scope: Scope }) {
  const [location] = useLocation();
  const areas = useAreas(scope);
  return (
    <PageErrors of={location}>
      <Suspense fallback={<Skeleton lines={6} height={20} />}>
        <Switch>
          {areas.flatMap((area) =>
            area.pages.map(([path, page]) => <Route key={path} path={path} component={page} />),
          )}
          {areas[0] && (
            <Route path="/">
              <Redirect href={areas[0].href} replace />
            </Route>
          )}
          <Route>
            <NoPage />
          </Route>
        </Switch>
      </Suspense>
    </PageErrors>
  );
}

function Plain({ children }: { children: ReactNode }) {
  const text = useAdminText();
  return (
    <>
      <Bar name={text('product.name')} home="/" end={<AccountMenu page="admin" />} />
      <main id="content">{children}</main>
    </>
  );
}

function ToFiles() {
  const text = useAdminText();
  return (
    <LinkButton look="primary" icon="folder" isOutside href={to.home()}>
      {text('menu.portal')}
    </LinkButton>
  );
}

function NoOrg() {
  const text = useAdminText();
  return (
    <Empty
      icon="search"
      title={text('console.noOrg.title')}
      actions={<LinkButton href={installation()}>{text('console.installation')}</LinkButton>}
    >
      {text('console.noOrg.words')}
    </Empty>
  );
}

function NoPage() {
  return <ErrorView error={new Problem({ status: 404, code: 'not_found', title: '' }, new Headers())} />;
}
