import { useAdminText } from '../../i18n/admin';
import type { AuditState } from '../../routes/adminKeep';
import { LinkButton } from '../../ui/Button';
import { useMay } from '../rights';
import { exportLink } from './audit';

/** The log as a file, of the days that are chosen. */
export function ExportLinks({ org, state }: { org: string; state: AuditState }) {
  const text = useAdminText();
  const may = useMay();
  if (!may('export', 'audit log')) return null;
  return (
    <>
      <LinkButton isOutside icon="download" href={exportLink(org, 'csv', state)}>
        {text('audit.export.csv')}
      </LinkButton>
      <LinkButton isOutside icon="download" href={exportLink(org, 'json', state)}>
        {text('audit.export.json')}
      </LinkButton>
    </>
  );
}
