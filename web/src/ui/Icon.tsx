import { classes } from '../lib/classes';
import styles from './Icon.module.css';
import { icons } from './icons';

export type IconName = keyof typeof icons;

/** A picture beside a word. Where it stands alone, what it stands in has the name. */
export function Icon({ name, className }: { name: IconName; className?: string | undefined }) {
  return (
    <svg className={classes(styles.icon, className)} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {icons[name]}
    </svg>
  );
}
