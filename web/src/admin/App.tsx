import { Route, Router, Switch } from 'wouter';
import { useAdminText } from '../i18n/admin';
import { adminPaths, toAdmin } from '../routes/admin';
import { AccountMenu } from '../shell/AccountMenu';
import { Bar } from '../shell/Bar';
import { PageErrors } from '../shell/PageErrors';
import { SignedIn } from '../shell/SignedIn';
import styles from './App.module.css';
import { Dashboard } from './dashboard/Dashboard';
import { Navigation } from './Navigation';

/** The console: below `/admin`, for who runs an organization or the installation. */
export function App() {
  const text = useAdminText();
  return (
    <Router base="/admin">
      <SignedIn>
        <Bar name={text('product.name')} home={toAdmin.dashboard()} end={<AccountMenu page="admin" />} />
        <div className={styles.page}>
          <Navigation />
          <main id="content" className={styles.content}>
            <PageErrors>
              <Switch>
                <Route path={adminPaths.dashboard} component={Dashboard} />
              </Switch>
            </PageErrors>
          </main>
        </div>
      </SignedIn>
    </Router>
  );
}
