import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { Progress } from '../../ui/chart/Progress';
import { Notice } from '../../ui/Status';
import { useOrgUid } from '../console';
import { useNames } from '../names';
import { type Job, shareOf, useProgress } from './jobs';
import styles from './Under.module.css';

/** A job that is not over: what it waits for, or how far it is. */
export function Under({ job }: { job: Job }) {
  const text = useAdminText();
  if (job.cancel_requested) return <Notice tone="busy">{text('job.cancelling')}</Notice>;
  if (job.state === 'queued') return <Waiting job={job} />;
  return <Going job={job} />;
}

function Waiting({ job }: { job: Job }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const names = useNames(useOrgUid());
  const machine = names.agent(job.agent);
  const words =
    job.waits > 0
      ? text('job.waits.jobs', { n: job.waits })
      : new Date(job.available_at).getTime() > now
        ? text('job.waits.time', { when: format.dateTime(job.available_at) })
        : machine
          ? text('job.waits.agent', { machine })
          : text('job.waits.server');
  return (
    <Notice tone="neutral">
      <p>{words}</p>
      {job.closes_at && <p>{text('job.waits.until', { when: format.dateTime(job.closes_at) })}</p>}
    </Notice>
  );
}

function Going({ job }: { job: Job }) {
  const text = useAdminText();
  const format = useFormat();
  const progress = useProgress(useOrgUid(), job);
  const share = shareOf(progress);
  const phase = progress?.phase ?? 'preparing';
  return (
    <div className={styles.going}>
      <div className={styles.line}>
        <strong>{share === undefined ? text(`job.phase.${phase}`) : format.percent(share)}</strong>
        {share !== undefined && <span>{text(`job.phase.${phase}`)}</span>}
        {progress && (
          <span className={styles.soft}>
            {format.size(progress.bytes_done ?? 0)}
            {progress.bytes_total ? ` / ${format.size(progress.bytes_total)}` : ''}
            {' · '}
            {text('job.items', { n: progress.items_done ?? 0 })}
            {progress.bytes_added
              ? ` · ${text('job.added', { size: format.size(progress.bytes_added) })}`
              : ''}
            {progress.problems ? ` · ${text('job.result.problems', { n: progress.problems })}` : ''}
          </span>
        )}
      </div>
      <Progress label={text('job.progress')} share={share} />
    </div>
  );
}
