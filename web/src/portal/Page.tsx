import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useMe } from '../api/me';
import { usePortalText } from '../i18n/portal';
import { portalPaths, to } from '../routes/portal';
import { AccountMenu } from '../shell/AccountMenu';
import { Bar } from '../shell/Bar';
import { IconButton, LinkButton } from '../ui/Button';
import { Empty } from '../ui/Empty';
import { Skeleton } from '../ui/Skeleton';
import styles from './Page.module.css';
import { SearchBox } from './search/SearchBox';
import { useHelp } from './useHelp';

const Help = lazy(() => import('./Help').then((module) => ({ default: module.Help })));

/** What every page of the portal stands in. */
export function Page({ children }: { children: ReactNode }) {
  const text = usePortalText();
  const help = useHelp();
  const isRoot = useMe().user.org == null;
  return (
    <>
      <Bar
        name={text('product.name')}
        home={to.home()}
        end={
          <>
            <IconButton look="quiet" icon="help" aria-label={text('menu.help')} onPress={help.open} />
            <AccountMenu page="portal" />
          </>
        }
      >
        <Switch>
          {/* There it is in the page itself, where one looks first. */}
          <Route path={portalPaths.home} />
          <Route path={portalPaths.search} />
          <Route>{!isRoot && <SearchBox isSmall />}</Route>
        </Switch>
      </Bar>
      <main id="content" className={styles.page} tabIndex={-1}>
        {isRoot ? <SettingsOrConsole>{children}</SettingsOrConsole> : children}
      </main>
      <Suspense>{help.isOpen && <Help isOpen onClose={help.close} />}</Suspense>
    </>
  );
}

/** Who runs the installation sees no files of anybody; the console is for them, and settings are for all. */
function SettingsOrConsole({ children }: { children: ReactNode }) {
  const text = usePortalText();
  return (
    <Switch>
      <Route path={portalPaths.settings}>{children}</Route>
      <Route>
        <Empty
          isPage
          icon="server"
          title={text('root.title')}
          actions={
            <LinkButton look="primary" isOutside href={to.console()}>
              {text('menu.console')}
            </LinkButton>
          }
        >
          {text('root.words')}
        </Empty>
      </Route>
    </Switch>
  );
}

export const PageSkeleton = () => (
  <div className={styles.waiting}>
    <Skeleton height={32} />
    <Skeleton lines={8} height={22} />
  </div>
);

/** Names the page in the browser's tab and history. */
export function useTitle(...parts: (string | undefined)[]): void {
  const text = usePortalText();
  const title = [...parts, text('product.name')].filter(Boolean).join(' · ');
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page of the same name is named anew
  useEffect(() => {
    document.title = title;
  }, [title, path]);
}
