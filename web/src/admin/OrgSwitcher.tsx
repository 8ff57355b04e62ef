import { useLocation } from 'wouter';
import type { Schemas } from '../api/types';
import { useAdminText } from '../i18n/admin';
import { consoleOf, installation } from '../routes/adminWatch';
import { Select } from '../ui/Choice';
import { useConsole } from './console';
import styles from './Navigation.module.css';

const INSTALLATION = '';

/** Which organization one looks at. Who belongs to one sees its name, and has nothing to choose. */
export function OrgSwitcher({ orgs }: { orgs: readonly Schemas['OrgBody'][] }) {
  const text = useAdminText();
  const { org, isRoot } = useConsole();
  const [, navigate] = useLocation();
  if (!isRoot) return <span className={styles.org}>{org?.title}</span>;
  return (
    <div className={styles.switcher}>
      <Select
        label={text('console.at')}
        isLabelHidden
        value={org?.name ?? INSTALLATION}
        onChange={(name) => navigate(name === INSTALLATION ? installation() : consoleOf(name))}
        options={[
          { value: INSTALLATION, label: text('console.installation') },
          ...orgs.map((one) => ({ value: one.name, label: one.title })),
        ]}
      />
    </div>
  );
}
