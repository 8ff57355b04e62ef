import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Tabs } from '../../ui/Tabs';
import { useTitle } from '../Page';
import { Account } from './Account';
import { Appearance } from './Appearance';
import { Drives } from './Drives';
import { Security } from './Security';
import styles from './Settings.module.css';
import { Tokens } from './Tokens';

const TABS = ['', 'account', 'security', 'drives', 'tokens'] as const;
type Tab = (typeof TABS)[number];

const PARTS: Record<Tab, React.ComponentType> = {
  '': Appearance,
  account: Account,
  security: Security,
  drives: Drives,
  tokens: Tokens,
};

/** What concerns only oneself, and this browser. */
export function Settings({ tab = '' }: { tab?: string | undefined }) {
  const text = usePortalText();
  const current = TABS.find((known) => known === tab) ?? '';
  const Part = PARTS[current];
  const nameOf = (one: Tab) => text(`settings.tab.${one || 'appearance'}`);
  useTitle(nameOf(current), text('menu.settings'));
  return (
    <div className={styles.settings}>
      <h1>{text('menu.settings')}</h1>
      <Tabs
        label={text('menu.settings')}
        tabs={TABS.map((one) => ({ href: to.settings(one), label: nameOf(one), isCurrent: one === current }))}
      />
      <Part />
    </div>
  );
}
