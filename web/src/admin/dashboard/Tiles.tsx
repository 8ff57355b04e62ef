import type { ReactNode } from 'react';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { classes } from '../../lib/classes';
import { useNow } from '../../lib/useNow';
import { Icon, type IconName } from '../../ui/Icon';
import type { Tone } from '../../ui/Status';
import { countOf, type Protection } from './protection';
import styles from './Tiles.module.css';

/** The four numbers that say how it is. */
export function Tiles({ protection }: { protection: Protection }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const { sources, verified } = protection;
  const planned = sources.filter(({ state }) => state !== 'unplanned').length;
  const isProtected = countOf(protection, 'protected');
  const late = sources.filter(({ state }) => state === 'late');
  const never = countOf(protection, 'never');
  const failed = sources.filter(({ state }) => state === 'failed');
  const oldest = late.map(({ late_since }) => late_since ?? '').sort()[0];
  const proved = verified.filter(({ last }) => last && last.state !== 'failed');
  const oldestProof = proved.map(({ last }) => last?.at ?? '').sort()[0];
  return (
    <ul className={styles.tiles}>
      <Tile
        tone={isProtected === sources.length ? 'good' : 'neutral'}
        icon="shield"
        name={text('tile.protected')}
        value={text('tile.ofAll', { n: isProtected, all: sources.length })}
      >
        {planned < sources.length
          ? text('tile.unplanned', { n: sources.length - planned })
          : text('tile.allPlanned')}
      </Tile>
      <Tile
        tone={late.length + never > 0 ? 'warn' : 'good'}
        icon="clock"
        name={text('tile.late')}
        value={format.number(late.length + never)}
      >
        {oldest
          ? text('tile.late.oldest', { when: format.ago(oldest, now) })
          : never > 0
            ? text('tile.never', { n: never })
            : text('tile.late.none')}
      </Tile>
      <Tile
        tone={failed.length > 0 ? 'bad' : 'good'}
        icon={failed.length > 0 ? 'failed' : 'done'}
        name={text('tile.failed')}
        value={format.number(failed.length)}
      >
        {failed[0] ? failed[0].name : text('tile.failed.none')}
      </Tile>
      <Tile
        tone={
          verified.some(({ last }) => last?.state === 'failed')
            ? 'bad'
            : proved.length < verified.length
              ? 'warn'
              : 'good'
        }
        icon="eye"
        name={text('tile.verified')}
        value={text('tile.ofAll', { n: proved.length, all: verified.length })}
      >
        {oldestProof
          ? text('tile.verified.oldest', { when: format.ago(oldestProof, now) })
          : text('tile.verified.none')}
      </Tile>
    </ul>
  );
}

interface TileProps {
  tone: Tone;
  icon: IconName;
  name: string;
  value: string;
  children: ReactNode;
}

function Tile({ tone, icon, name, value, children }: TileProps) {
  return (
    <li className={classes(styles.tile, styles[tone])}>
      <span className={styles.name}>
        <Icon name={icon} />
        {name}
      </span>
      <strong className={styles.value}>{value}</strong>
      <span className={styles.more}>{children}</span>
    </li>
  );
}
