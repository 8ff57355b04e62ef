import { useLocation } from 'wouter';
import type { Schemas } from '../api/types';
import { useAdminText } from '../i18n/admin';
import { consoleOf, installation } from '../routes/adminWatch';
import { Select } from '../ui/Select';
import { useConsole } from './console';
import styles from './Navigation.module.css';

const INSTALLATION = '';

/** All organizations, and the installation they are of. */
export default function OrgChoice({ orgs }: { orgs: readonly Schemas['OrgBody'][] }) {
  const text = useAdminText();
  const { org } = useConsole();
  const [, navigate] = useLocation();
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
