import { useLocation } from 'wouter';
import { api, askOnce } from '../api/client';
import { useMe } from '../api/me';
import { useText } from '../i18n/common';
import { to } from '../routes/portal';
import { Menu, type MenuEntry } from '../ui/Menu';
import { AccountButton } from './AccountMenu';

interface AccountProps {
  page: 'portal' | 'admin';
  isOpenAtFirst: boolean;
}

/** What concerns only oneself. The other page is a page of its own, and loaded as one. */
export function AccountMenuList({ page, isOpenAtFirst }: AccountProps) {
  const text = useText();
  const { user } = useMe();
  const [, navigate] = useLocation();
  const leave = (href: string) => window.location.assign(href);

  const signOut = async () => {
    const { provider_url } = await askOnce(() => api.POST('/api/v1/sign-out'));
    leave(provider_url ?? to.signIn());
  };
  const entries: MenuEntry[] = [
    {
      id: 'settings',
      icon: 'settings',
      label: text('menu.settings'),
      onAction: () => (page === 'portal' ? navigate(to.settings()) : leave(to.settings())),
    },
  ];
  if (page === 'portal' && user.role !== 'root') {
    entries.unshift({
      id: 'restores',
      icon: 'restore',
      label: text('menu.restores'),
      onAction: () => navigate(to.restores()),
    });
  }
  if (page === 'admin' && user.role !== 'root') {
    entries.push({
      id: 'portal',
      icon: 'folder',
      label: text('menu.portal'),
      onAction: () => leave(to.home()),
    });
  } else if (page === 'portal' && user.role !== 'user') {
    entries.push({
      id: 'console',
      icon: 'server',
      label: text('menu.console'),
      onAction: () => leave(to.console()),
    });
  }
  entries.push({ id: 'out', icon: 'sign-out', label: text('menu.signOut'), onAction: () => void signOut() });
  return (
    <Menu
      label={text('menu.account')}
      entries={entries}
      trigger={<AccountButton />}
      isOpenAtFirst={isOpenAtFirst}
    />
  );
}
