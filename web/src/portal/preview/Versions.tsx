import { useEffect, useRef } from 'react';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { classes } from '../../lib/classes';
import styles from './FileView.module.css';
import { keyOf, type Version } from './version';

interface VersionsProps {
  versions: readonly Version[];
  chosen: number;
  onChoose: (version: Version) => void;
}

/** Each content the file had, once, however many snapshots have it. */
export function Versions({ versions, chosen, onChoose }: VersionsProps) {
  const text = usePortalText();
  const format = useFormat();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen]);
  return (
    <nav aria-label={text('versions.label')} className={styles.versions}>
      <h3>{text('count.versions', { n: versions.length })}</h3>
      <ol ref={list}>
        {versions.map((version, index) => {
          const [last, first] = [version.snapshots[0], version.snapshots.at(-1)];
          const before = versions[index + 1];
          const grown =
            before && version.size != null && before.size != null ? version.size - before.size : null;
          return (
            <li key={`${keyOf(version)}${last?.id}`}>
              <button
                type="button"
                aria-current={index === chosen}
                className={classes(styles.version, index === chosen && styles.chosen)}
                onClick={() => onChoose(version)}
              >
                <strong>{format.dateTime(version.mtime ?? last?.taken_at ?? 0)}</strong>
                <span className={styles.soft}>
                  {format.size(version.size)}
                  {grown !== null && grown !== 0 && (
                    <span className={grown > 0 ? styles.more : styles.less}>
                      {` ${grown > 0 ? '+' : '−'}${format.size(Math.abs(grown))}`}
                    </span>
                  )}
                </span>
                <span className={styles.soft}>
                  {first && last && first !== last
                    ? text('versions.inMany', {
                        n: version.snapshots.length,
                        first: format.date(first.taken_at),
                        last: format.date(last.taken_at),
                      })
                    : last && text('versions.inOne', { date: format.date(last.taken_at) })}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
