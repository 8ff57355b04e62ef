import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { Status } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { Part } from '../parts/Page';
import { useMay } from '../rights';
import { certificatesQuery } from './agents';
import styles from './Certificates.module.css';

type Certificate = Schemas['CertificateBody'];

/** By what the server knows a machine. */
export function Certificates({ agent }: { agent: string }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const org = useOrgUid();
  const may = useMay();
  const { data } = useQuery({ ...certificatesQuery(org, agent), enabled: may('see', 'certificate') });
  if (!data || data.length === 0) return null;
  const columns: Column<Certificate>[] = [
    {
      id: 'fingerprint',
      head: text('certificate.fingerprint'),
      cell: ({ fingerprint }) => <code className={styles.fingerprint}>{fingerprint}</code>,
    },
    {
      id: 'from',
      head: text('certificate.from'),
      isExtra: true,
      cell: ({ not_before }) => format.date(not_before),
    },
    { id: 'until', head: text('certificate.until'), cell: ({ expires_at }) => format.date(expires_at) },
    {
      id: 'state',
      head: text('certificate.state'),
      cell: ({ revoked_at, expires_at }) =>
        revoked_at ? (
          <Status tone="bad">{text('certificate.revoked')}</Status>
        ) : new Date(expires_at).getTime() < now ? (
          <Status tone="neutral">{text('certificate.expired')}</Status>
        ) : (
          <Status tone="good">{text('certificate.good')}</Status>
        ),
    },
  ];
  return (
    <Part title={text('agent.certificates')} end={text('agent.certificates.words')}>
      <Table
        label={text('agent.certificates')}
        rows={data}
        columns={columns}
        keyOf={({ serial }) => serial}
      />
    </Part>
  );
}
