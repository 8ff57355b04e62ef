import { lazy, Suspense } from 'react';
import { useMe } from '../api/me';
import { useText } from '../i18n/common';
import { Button } from '../ui/Button';

const AccountMenuList = lazy(() =>
  import('./AccountMenuList').then((module) => ({ default: module.AccountMenuList })),
);

/** Who one is. What the menu is made of is large, and comes after what one is here for. */
export function AccountMenu({ page }: { page: 'portal' | 'admin' }) {
  return (
    <Suspense fallback={<AccountButton />}>
      <AccountMenuList page={page} />
    </Suspense>
  );
}

export function AccountButton() {
  const text = useText();
  const { user } = useMe();
  return (
    <Button look="quiet" icon="user" aria-label={`${text('menu.account')}: ${user.name}`}>
      <span className="hide-narrow">{user.name}</span>
    </Button>
  );
}
