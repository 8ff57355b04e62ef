import { useQuery } from '@tanstack/react-query';
import { useMe } from '../../api/me';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Button, LinkButton } from '../../ui/Button';
import { ErrorNotice, ErrorView, useErrorText } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { isFinal, reportQuery, useRestore, useRestoreVerb } from '../data/restores';
import { useTitle } from '../Page';
import { Approval } from './Approval';
import { CheckView } from './CheckView';
import { ProgressView } from './ProgressView';
import styles from './Restore.module.css';
import { RestoreStatus } from './RestoreStatus';
import { ResultView } from './ResultView';
import { useRestoreName } from './useRestoreName';

/** P8 and P9: a restore from its check to its report, at one address. One may leave: it goes on. */
export function RestorePage({ restore: uid }: { restore: string }) {
  const text = usePortalText();
  const format = useFormat();
  const errorText = useErrorText();
  const { user } = useMe();
  const query = useRestore(uid);
  const verb = useRestoreVerb(uid);
  const whatOf = useRestoreName();
  useTitle(text('restores.one'));
  if (query.error && !query.data)
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  const restore = query.data;
  if (!restore) return <Skeleton lines={5} height={28} />;

  const { state } = restore;
  const what = whatOf(restore);
  const isMine = restore.asker.uid === user.uid;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1>{what}</h1>
          <p className={styles.soft}>
            {text('restore.fromTo', {
              source: restore.source.name ?? '',
              moment: format.dateTime(restore.taken_at),
              device: restore.agent.name ?? '',
            })}
          </p>
        </div>
        <RestoreStatus state={state} />
      </header>
      {verb.error && <Notice tone="bad">{errorText(verb.error)}</Notice>}
      {query.error && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {restore.waits_for_agent && (
        <Notice tone="neutral">{text('restore.waits', { device: restore.agent.name ?? '' })}</Notice>
      )}
      {state === 'checking' && <ProgressView restore={restore} />}
      {state === 'ready' && <CheckView restore={restore} verb={verb} />}
      {(state === 'approval' || state === 'denied') && (
        <Approval restore={restore} verb={verb} isMine={isMine} />
      )}
      {(state === 'queued' || state === 'running' || state === 'paused') && (
        <ProgressView restore={restore} />
      )}
      {(state === 'done' || state === 'done_with_errors' || state === 'failed') && (
        <ResultView
          restore={restore}
          verb={verb}
          report={<Problems restore={uid} hasResult={restore.result != null} />}
        />
      )}
      {state === 'cancelled' && <Notice tone="neutral">{text('restore.cancelled')}</Notice>}
      <footer className={styles.actions}>
        {state === 'running' && (
          <Button icon="pause" onPress={() => verb.mutate({ verb: 'pause' })}>
            {text('restore.pause')}
          </Button>
        )}
        {state === 'paused' && (
          <Button look="primary" icon="play" onPress={() => verb.mutate({ verb: 'resume' })}>
            {text('restore.resume')}
          </Button>
        )}
        {!isFinal(state) && (
          <Button
            look="danger"
            isPending={verb.isPending && verb.variables.verb === 'cancel'}
            onPress={() => verb.mutate({ verb: 'cancel' })}
          >
            {text('restore.cancel')}
          </Button>
        )}
        <LinkButton look="quiet" href={to.browse(restore.source.uid, { at: restore.snapshot.slice(0, 16) })}>
          {text('restore.toFiles')}
        </LinkButton>
        <LinkButton look="quiet" href={to.restores()}>
          {text('restores.title')}
        </LinkButton>
      </footer>
    </div>
  );
}

/** What could not be restored, and why. */
function Problems({ restore, hasResult }: { restore: string; hasResult: boolean }) {
  const text = usePortalText();
  const { data } = useQuery({ ...reportQuery(restore, 'result'), enabled: hasResult });
  if (!data || data.problems.length === 0) return null;
  return (
    <section aria-label={text('restore.problems')}>
      <h2>{text('restore.problems')}</h2>
      <ul className={styles.problems}>
        {data.problems.map((problem) => (
          <li key={problem.path}>
            <strong>{problem.path}</strong> <span className={styles.soft}>{problem.why}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
