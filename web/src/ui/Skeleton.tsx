import type { CSSProperties } from 'react';
import { useText } from '../i18n/common';
import styles from './Skeleton.module.css';

interface SkeletonProps {
  /** Lines, or one block of this height. */
  lines?: number;
  height?: number;
}

/** Where something will be, at the height it will have, so that nothing jumps. */
export function Skeleton({ lines = 1, height = 16 }: SkeletonProps) {
  const text = useText();
  return (
    <div className={styles.skeleton} role="status">
      <span className="visually-hidden">{text('state.loading')}</span>
      {Array.from({ length: lines }, (_, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
          key={index}
          className={styles.line}
          style={{ '--height': `${height}px`, '--width': `${100 - ((index * 17) % 40)}%` } as CSSProperties}
        />
      ))}
    </div>
  );
}
