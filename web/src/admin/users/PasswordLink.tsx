import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Dialog } from '../../ui/Dialog';
import { Notice } from '../../ui/Status';
import type { Person } from './people';

interface LinkProps {
  person: Person;
  link: Schemas['LinkBody'];
  onClose: () => void;
}

/** A link that is shown this once. Its token stands behind a `#`: servers and proxies on the way never see it. */
export function PasswordLink({ person, link, onClose }: LinkProps) {
  const text = useAdminText();
  const format = useFormat();
  return (
    <Dialog
      isOpen
      isFirm
      title={text('users.link.title', { name: person.name })}
      onClose={onClose}
      actions={
        <Button look="primary" onPress={onClose}>
          {text('action.close')}
        </Button>
      }
    >
      <Notice tone="warn">
        {text('users.link.words', { name: person.name, until: format.dateTime(link.expires_at) })}
      </Notice>
      <CopyLine label={text('users.link.label')} value={window.location.origin + link.path} />
    </Dialog>
  );
}
