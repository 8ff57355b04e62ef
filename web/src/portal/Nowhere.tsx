import { usePortalText } from '../i18n/portal';
import { to } from '../routes/portal';
import { LinkButton } from '../ui/Button';
import { Empty } from '../ui/Empty';

/** An address that leads nowhere. */
export function Nowhere() {
  const text = usePortalText();
  return (
    <Empty
      isPage
      icon="search"
      title={text('nowhere.title')}
      actions={
        <LinkButton look="primary" href={to.home()}>
          {text('action.toStart')}
        </LinkButton>
      }
    >
      {text('nowhere.words')}
    </Empty>
  );
}
