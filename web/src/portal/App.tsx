import { usePortalText } from '../i18n/portal';
import { to } from '../routes/portal';
import { AccountMenu } from '../shell/AccountMenu';
import { Bar } from '../shell/Bar';
import { SignedIn } from '../shell/SignedIn';

/** The portal: everything but `/admin`. */
export function App() {
  const text = usePortalText();
  return (
    <SignedIn>
      <Bar name={text('product.name')} home={to.home()} end={<AccountMenu page="portal" />} />
      <main id="content">
        <h1>{text('home.title')}</h1>
      </main>
    </SignedIn>
  );
}
