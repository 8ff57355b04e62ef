import { useState } from 'react';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import { Status } from '../../ui/Status';
import { useTell } from '../../ui/Toast';
import styles from './Audit.module.css';

/** Whether the log is whole: the server reads all of it, so only when somebody asks. */
export function Verdict({ org }: { org: string | null }) {
  const text = useAdminText();
  const tell = useTell();
  const errorText = useErrorText();
  const [isBusy, setBusy] = useState(false);
  const [verdict, setVerdict] = useState<Schemas['VerdictBody'] | null>(null);
  const verify = async () => {
    setBusy(true);
    try {
      setVerdict(
        await ask(() =>
          org === null
            ? api.GET('/api/v1/audit/verdict')
            : api.GET('/api/v1/orgs/{org}/audit/verdict', { params: { path: { org } } }),
        ),
      );
    } catch (error) {
      tell('bad', errorText(error));
    }
    setBusy(false);
  };
  return (
    <div className={styles.verdict} role="status">
      {verdict?.state === 'intact' && (
        <Status tone="good" icon="shield">
          {text('audit.intact', { n: verdict.entries })}
        </Status>
      )}
      {verdict?.state === 'broken' && (
        <Status tone="bad">{text('audit.broken', { seq: verdict.seq, reason: verdict.reason })}</Status>
      )}
      <Button icon="shield" isPending={isBusy} onPress={() => void verify()}>
        {text('audit.verify')}
      </Button>
    </div>
  );
}
