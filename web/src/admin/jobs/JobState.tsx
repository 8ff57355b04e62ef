import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Progress } from '../../ui/chart/Progress';
import type { IconName } from '../../ui/Icon';
import { Status, type Tone } from '../../ui/Status';
import { useOrgUid } from '../console';
import styles from './JobState.module.css';
import { type Job, type JobStateName, shareOf, useProgress } from './jobs';

const LOOK: Record<JobStateName, { tone: Tone; icon: IconName }> = {
  queued: { tone: 'neutral', icon: 'clock' },
  leased: { tone: 'busy', icon: 'clock' },
  running: { tone: 'busy', icon: 'play' },
  succeeded: { tone: 'good', icon: 'done' },
  partial: { tone: 'warn', icon: 'warning' },
  failed: { tone: 'bad', icon: 'failed' },
  cancelled: { tone: 'neutral', icon: 'minus' },
};

/** The state of a job in a word. */
export function JobStateWord({ state }: { state: JobStateName }) {
  const text = useAdminText();
  const { tone, icon } = LOOK[state];
  return (
    <Status tone={tone} icon={icon}>
      {text(`job.state.${state}`)}
    </Status>
  );
}

/** The same, and how far it is while it runs. */
export function JobState({ job }: { job: Job }) {
  const text = useAdminText();
  if (job.state === 'running') return <Running job={job} />;
  if (job.cancel_requested && job.state === 'leased') {
    return <Status tone="busy">{text('job.state.cancelling')}</Status>;
  }
  return <JobStateWord state={job.state} />;
}

function Running({ job }: { job: Job }) {
  const text = useAdminText();
  const format = useFormat();
  const share = shareOf(useProgress(useOrgUid(), job));
  const word = job.cancel_requested
    ? text('job.state.cancelling')
    : job.pause_requested
      ? text('job.state.paused')
      : share === undefined
        ? text('job.state.running')
        : format.percent(share);
  return (
    <span className={styles.running}>
      <Status tone="busy" icon={job.pause_requested ? 'pause' : 'play'}>
        {word}
      </Status>
      <Progress label={text('job.progress')} share={share} />
    </span>
  );
}
