import type { ReactNode } from 'react';
import { classes } from '../lib/classes';
import { Icon, type IconName } from './Icon';
import styles from './Status.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'neutral';

const SHAPES: Record<Tone, IconName> = {
  good: 'done',
  warn: 'warning',
  bad: 'failed',
  busy: 'refresh',
  neutral: 'info',
};

interface StatusProps {
  tone: Tone;
  icon?: IconName;
  children: ReactNode;
}

/** How something is: a color, a shape and a word, as none of them is enough for everybody. */
export function Status({ tone, icon, children }: StatusProps) {
  return (
    <span className={classes(styles.status, styles[tone])}>
      <Icon name={icon ?? SHAPES[tone]} />
      {children}
    </span>
  );
}

/** A word about something, quieter. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>;
}

/** Something to know before going on, above what it is about. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <div className={classes(styles.notice, styles[tone])} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={SHAPES[tone]} />
      <div>{children}</div>
    </div>
  );
}
