import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { toKeep } from '../../routes/adminKeep';
import { IconButton, LinkButton } from '../../ui/Button';
import { Drawer } from '../../ui/Dialog';
import { Facts } from '../parts/Facts';
import type { People } from '../users/people';
import styles from './Audit.module.css';
import type { Entry } from './audit';
import { useAuditWords } from './useAuditColumns';

/** One entry whole, and the ways on from it. */
export function EntryDrawer({
  entry,
  people,
  onClose,
}: {
  entry: Entry;
  people: People;
  onClose: () => void;
}) {
  const text = useAdminText();
  const format = useFormat();
  const words = useAuditWords();
  const title = text('audit.entry', { seq: entry.seq });
  return (
    <Drawer isOpen title={title} onClose={onClose}>
      <div className={styles.drawer}>
        <header className={styles.drawerHead}>
          <h2>{title}</h2>
          <IconButton isSmall icon="close" aria-label={text('action.close')} onPress={onClose} />
        </header>
        <Facts
          facts={[
            { name: text('audit.at'), value: `${format.moment(entry.at)} (${entry.at})` },
            { name: text('audit.who'), value: words.who(entry, people) },
            { name: text('audit.role'), value: words.role(entry.role) },
            { name: text('audit.action'), value: words.action(entry.action) },
            { name: text('audit.resource'), value: words.resource(entry.resource) },
            { name: text('audit.which'), value: <code>{entry.resource_uid}</code> },
            { name: text('audit.outcome'), value: words.outcome(entry.outcome) },
            { name: text('audit.address'), value: entry.address },
            { name: text('audit.request'), value: entry.correlation && <code>{entry.correlation}</code> },
            { name: text('audit.previous'), value: <code>{entry.previous_hash}</code> },
            { name: text('audit.hash'), value: <code>{entry.hash}</code> },
          ]}
        />
        <h3>{text('audit.details')}</h3>
        <pre className={styles.details} tabIndex={0}>
          {JSON.stringify(entry.details, null, 2)}
        </pre>
        <div className={styles.links}>
          {entry.resource_uid && (
            <LinkButton href={toKeep.audit({ resource_uid: entry.resource_uid })}>
              {text('audit.aboutThis')}
            </LinkButton>
          )}
          <LinkButton href={toKeep.audit({ who: entry.who })}>{text('audit.byThem')}</LinkButton>
        </div>
      </div>
    </Drawer>
  );
}
