import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Tabs } from '../../ui/Tabs';
import { useTitle } from '../Page';
import { Appearance } from './Appearance';
import { MountCommands } from './MountCommands';
import styles from './Settings.module.css';

const TABS = ['', 'drives'] as const;
type Tab = (typeof TABS)[number];
const NAMES = { '': 'settings.appearance', drives: 'settings.drives' } as const;

/** What concerns only oneself, and this browser. */
export function Settings({ tab = '' }: { tab?: string | undefined }) {
  const text = usePortalText();
  const current: Tab = TABS.find((known) => known === tab) ?? '';
  useTitle(text(NAMES[current]), text('menu.settings'));
  return (
    <div className={styles.settings}>
      <h1>{text('menu.settings')}</h1>
      <Tabs
        label={text('menu.settings')}
        tabs={TABS.map((one) => ({
          href: to.settings(one),
          label: text(NAMES[one]),
          isCurrent: one === current,
        }))}
      />
      {current === '' && <Appearance />}
      {current === 'drives' && <MountCommands />}
    </div>
  );
}
