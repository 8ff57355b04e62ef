import { lazy, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { portalPaths } from '../routes/portal';
import { PageErrors } from '../shell/PageErrors';
import { SignedIn } from '../shell/SignedIn';
import { Home } from './home/Home';
import { Nowhere } from './Nowhere';
import { Page, PageSkeleton } from './Page';
// At once, and not when it is wanted: the letters that are typed meanwhile would be lost.
import { Search } from './search/Search';

const ChoosePassword = lazy(() =>
  import('./door/ChoosePassword').then((module) => ({ default: module.ChoosePassword })),
);
const SetUp = lazy(() => import('./door/SetUp').then((module) => ({ default: module.SetUp })));
const SignIn = lazy(() => import('./door/SignIn').then((module) => ({ default: module.SignIn })));
const DevicePage = lazy(() =>
  import('./device/DevicePage').then((module) => ({ default: module.DevicePage })),
);
const Browse = lazy(() => import('./browse/Browse').then((module) => ({ default: module.Browse })));
const FilePage = lazy(() => import('./preview/FilePage').then((module) => ({ default: module.FilePage })));
const Diff = lazy(() => import('./diff/Diff').then((module) => ({ default: module.Diff })));
const Restores = lazy(() => import('./restore/Restores').then((module) => ({ default: module.Restores })));
const RestorePage = lazy(() =>
  import('./restore/RestorePage').then((module) => ({ default: module.RestorePage })),
);
const SharedPlace = lazy(() =>
  import('./browse/SharedPlace').then((module) => ({ default: module.SharedPlace })),
);
const LetIn = lazy(() => import('./letIn/LetIn').then((module) => ({ default: module.LetIn })));
const Settings = lazy(() => import('./settings/Settings').then((module) => ({ default: module.Settings })));

/** The portal: everything but `/admin`. */
export function App() {
  return (
    <Suspense>
      <Switch>
        <Route path={portalPaths.signIn} component={SignIn} />
        <Route path={portalPaths.setUp} component={SetUp} />
        <Route path={portalPaths.password} component={ChoosePassword} />
        <Route>
          <SignedIn>
            <Inside />
          </SignedIn>
        </Route>
      </Switch>
    </Suspense>
  );
}

function Inside() {
  const [path] = useLocation();
  return (
    <Page>
      <PageErrors of={path}>
        <Suspense fallback={<PageSkeleton />}>
          <Switch>
            <Route path={portalPaths.home} component={Home} />
            <Route path={portalPaths.search} component={Search} />
            <Route path={portalPaths.device}>
              {({ device }) => <DevicePage key={device} device={device} />}
            </Route>
            <Route path={portalPaths.browse}>{({ device }) => <Browse key={device} device={device} />}</Route>
            <Route path={portalPaths.file}>{({ device }) => <FilePage key={device} device={device} />}</Route>
            <Route path={portalPaths.diff}>{({ device }) => <Diff key={device} device={device} />}</Route>
            <Route path={portalPaths.restores} component={Restores} />
            <Route path={portalPaths.restore}>
              {({ restore }) => <RestorePage key={restore} restore={restore} />}
            </Route>
            <Route path={portalPaths.shared}>{({ place }) => <SharedPlace place={place} />}</Route>
            <Route path={portalPaths.settings}>{({ tab }) => <Settings tab={tab} />}</Route>
            <Route path={portalPaths.letIn} component={LetIn} />
            <Route component={Nowhere} />
          </Switch>
        </Suspense>
      </PageErrors>
    </Page>
  );
}
