import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { ErrorNotice } from '../../ui/ErrorView';
import { Notice } from '../../ui/Status';
import { ofOrg } from '../keys';
import { useMay } from '../rights';
import { type Finding, FindingNotice } from './FindingNotice';
import styles from './Looks.module.css';
import type { Repository } from './repositories';

type Seen = { finding: Finding } | { words: string } | { error: unknown };

/** Two looks at the repository that change nothing in it: whether it can be used, and what is in it by now. */
export function Looks({ org, repository }: { org: string; repository: Repository }) {
  const text = useAdminText();
  const may = useMay();
  const queries = useQueryClient();
  const [busy, setBusy] = useState<'test' | 'refresh' | null>(null);
  const [seen, setSeen] = useState<Seen | null>(null);
  const params = { path: { org, repository: repository.uid } };

  const look = async (which: 'test' | 'refresh') => {
    setBusy(which);
    setSeen(null);
    try {
      if (which === 'test') {
        setSeen({
          finding: await ask(() => api.POST('/api/v1/orgs/{org}/repositories/{repository}/test', { params })),
        });
      } else {
        const { added, removed, total } = await ask(() =>
          api.POST('/api/v1/orgs/{org}/repositories/{repository}/refresh', { params }),
        );
        setSeen({
          words: text('repository.refreshed.told', { added: added.length, removed: removed.length, total }),
        });
      }
    } catch (error) {
      setSeen({ error });
    }
    setBusy(null);
    for (const noun of ['repositories', 'snapshots', 'usage']) {
      void queries.invalidateQueries({ queryKey: ofOrg(org, noun) });
    }
  };
  if (!may('run', 'repository')) return null;
  return (
    <div className={styles.looks}>
      <div className={styles.buttons}>
        <Button
          icon="search"
          isPending={busy === 'test'}
          isDisabled={busy !== null}
          onPress={() => void look('test')}
        >
          {text('repository.test')}
        </Button>
        <Button
          icon="refresh"
          isPending={busy === 'refresh'}
          isDisabled={busy !== null}
          onPress={() => void look('refresh')}
        >
          {text('repository.refresh')}
        </Button>
      </div>
      {seen && 'finding' in seen && <FindingNotice finding={seen.finding} />}
      {seen && 'words' in seen && <Notice tone="good">{seen.words}</Notice>}
      {seen && 'error' in seen && <ErrorNotice error={seen.error} />}
    </div>
  );
}
