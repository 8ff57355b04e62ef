import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { toKeep } from '../../routes/adminKeep';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { JobsTable } from '../jobs/JobsTable';
import { jobsQuery } from '../jobs/jobs';
import { Part } from '../parts/Page';
import { useMay } from '../rights';
import { PruneDialog } from './PruneDialog';
import type { Repository } from './repositories';
import { TransferDialog } from './TransferDialog';
import styles from './Upkeep.module.css';
import { VerifyDialog } from './VerifyDialog';

const JOBS_SHOWN = 8;

type Opened = 'verify' | 'prune' | 'copy' | 'mirror' | null;

/** What is done to a repository as a whole, each as a job. */
export function UpkeepPart({ org, repository }: { org: string; repository: Repository }) {
  const text = useAdminText();
  const may = useMay();
  const [opened, setOpened] = useState<Opened>(null);
  const jobs = useInfiniteQuery(jobsQuery(org, { repository: repository.uid }));
  const shown = jobs.data?.pages[0]?.items.slice(0, JOBS_SHOWN) ?? [];
  const close = () => setOpened(null);
  return (
    <>
      <Part title={text('repositories.part.upkeep')}>
        <p>{text('upkeep.words')}</p>
        <ul className={styles.jobs}>
          <Task words={text('upkeep.verify.words')}>
            <Button onPress={() => setOpened('verify')}>{text('upkeep.verify')}</Button>
          </Task>
          {may('see', 'snapshot') && (
            <Task words={text('upkeep.forget.words')}>
              <LinkButton href={toKeep.forget(repository.uid)}>{text('upkeep.forget')}</LinkButton>
            </Task>
          )}
          <Task words={text('upkeep.prune.words')}>
            <Button onPress={() => setOpened('prune')}>{text('upkeep.prune')}</Button>
          </Task>
          <Task words={text('upkeep.copy.words')}>
            <Button onPress={() => setOpened('copy')}>{text('upkeep.copy')}</Button>
          </Task>
          <Task words={text('upkeep.mirror.words')}>
            <Button onPress={() => setOpened('mirror')}>{text('upkeep.mirror')}</Button>
          </Task>
        </ul>
      </Part>
      {shown.length > 0 && (
        <Part
          title={text('upkeep.last')}
          end={
            <LinkButton isSmall look="quiet" href={toWatch.jobs({ repository: repository.uid })}>
              {text('repository.jobs')}
            </LinkButton>
          }
        >
          <JobsTable label={text('repository.jobs')} jobs={shown} />
        </Part>
      )}
      {opened === 'verify' && <VerifyDialog org={org} repository={repository.uid} onClose={close} />}
      {(opened === 'copy' || opened === 'mirror') && (
        <TransferDialog kind={opened} org={org} repository={repository.uid} onClose={close} />
      )}
      {opened === 'prune' && <PruneDialog org={org} repository={repository} onClose={close} />}
    </>
  );
}

function Task({ words, children }: { words: string; children: ReactNode }) {
  return (
    <li className={styles.job}>
      <span>{words}</span>
      {children}
    </li>
  );
}
