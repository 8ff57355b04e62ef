import { useAdminText } from '../../i18n/admin';
import type { AuditState } from '../../routes/adminKeep';
import { LinkButton } from '../../ui/Button';
import { useMay } from '../rights';
import { exportLink } from './audit';

/** The log as a file: those entries that the filters leave. */
export function ExportLinks({ org, state }: { org: string | null; state: AuditState }) {
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
