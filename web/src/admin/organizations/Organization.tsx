import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { useConsole } from '../console';
import { Facts } from '../parts/Facts';
import { Page } from '../parts/Page';
import { useMay } from '../rights';
import { EscrowPart } from '../settings/EscrowPart';
import { OrgDialog } from './OrgDialog';
import { useQuotaWords } from './useQuotaWords';

/** The organization itself. */
export default function Organization() {
  const text = useAdminText();
  const format = useFormat();
  const may = useMay();
  const quota = useQuotaWords();
  const { org } = useConsole();
  const [isChanging, setChanging] = useState(false);
  if (!org) return null;
  return (
    <Page
      title={org.title}
      actions={
        may('change', 'organization') && (
          <Button icon="settings" onPress={() => setChanging(true)}>
            {text('orgs.change')}
          </Button>
        )
      }
    >
      <Facts
        facts={[
          { name: text('orgs.name'), value: <code>{org.name}</code> },
          { name: text('orgs.quota'), value: quota(org.quota) },
          {
            name: text('organization.restores'),
            value: text(org.restore_approval ? 'organization.restores.asked' : 'organization.restores.free'),
          },
          { name: text('orgs.created'), value: format.date(org.created_at) },
          { name: text('organization.uid'), value: <code>{org.uid}</code> },
        ]}
      />
      {!may('create', 'organization') && <p>{text('organization.quota.words')}</p>}
      {may('export', 'repository') && <EscrowPart org={org.uid} />}
      {isChanging && <OrgDialog changed={org} onClose={() => setChanging(false)} />}
    </Page>
  );
}
