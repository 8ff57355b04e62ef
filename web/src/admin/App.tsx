import { Route, Router, Switch } from 'wouter';
import { SignedIn } from '../shell/SignedIn';
import { Frame } from './Frame';

/** The console: below `/admin` for who belongs to an organization; who runs the installation finds each one below `/admin/o/`. */
export function App() {
  return (
    <Router base="/admin">
      <SignedIn>
        <Switch>
          <Route path="/o/:org" nest>
            {({ org }) => <Frame key={org} orgName={org} />}
          </Route>
          <Route>
            <Frame orgName={null} />
          </Route>
        </Switch>
      </SignedIn>
    </Router>
  );
}
