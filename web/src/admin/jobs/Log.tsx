import { useLayoutEffect, useRef, useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { classes } from '../../lib/classes';
import { Checkbox } from '../../ui/Choice';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import { Part } from '../parts/Page';
import styles from './Log.module.css';
import { useLog } from './log';

/** Lines that are in the page at most: the last ones. The others are a press away. */
const SHOWN_MAX = 1_000;

/** What a job said, line by line, while it says it. */
export function Log({ job, isLive }: { job: string; isLive: boolean }) {
  const text = useAdminText();
  const format = useFormat();
  const { lines, error, refetch } = useLog(useOrgUid(), job);
  const [follows, setFollows] = useState(true);
  const [isWhole, setWhole] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const count = lines?.length ?? 0;
  const shown = isWhole ? lines : lines?.slice(-SHOWN_MAX);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows when there are more lines
  useLayoutEffect(() => {
    if (follows && isLive && frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  }, [count, follows, isLive]);

  return (
    <Part
      title={text('job.log')}
      end={
        isLive && (
          <Checkbox isSelected={follows} onChange={setFollows}>
            {text('job.log.follow')}
          </Checkbox>
        )
      }
    >
      {error && !lines ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : !shown ? (
        <Skeleton lines={5} />
      ) : count === 0 ? (
        <p className={styles.none}>{text(isLive ? 'job.log.notYet' : 'job.log.none')}</p>
      ) : (
        <div ref={frame} className={styles.log} role="log" aria-label={text('job.log')} tabIndex={0}>
          {shown.length < count && (
            <button type="button" className={styles.before} onClick={() => setWhole(true)}>
              {text('job.log.before', { n: count - shown.length })}
            </button>
          )}
          {shown.map((line) => (
            <p key={line.seq} className={classes(styles.line, styles[line.level])}>
              <time dateTime={line.at}>{format.time(line.at)}</time>
              <span className={styles.level}>{line.level}</span>
              <span className={styles.text}>{line.text}</span>
            </p>
          ))}
        </div>
      )}
    </Part>
  );
}
