import { lazy, Suspense, useState } from 'react';
import { useMe } from '../api/me';
import { useText } from '../i18n/common';
import { Button } from '../ui/Button';

const AccountMenuList = lazy(() =>
  import('./AccountMenuList').then((module) => ({ default: module.AccountMenuList })),
);

/** Who one is. What the menu is made of is large, and comes after what one is here for: who was faster finds it open then. */
export function AccountMenu({ page }: { page: 'portal' | 'admin' }) {
  const [isWanted, setWanted] = useState(false);
  return (
    <Suspense fallback={<AccountButton onPress={() => setWanted(true)} />}>
      <AccountMenuList page={page} isOpenAtFirst={isWanted} />
    </Suspense>
  );
}

export function AccountButton({ onPress }: { onPress?: () => void }) {
  const text = useText();
  const { user } = useMe();
  return (
    <Button
      look="quiet"
      icon="user"
      aria-label={`${text('menu.account')}: ${user.name}`}
      {...(onPress && { onPress })}
    >
      <span className="hide-narrow">{user.name}</span>
    </Button>
  );
}
