import type { Schemas } from '../api/types';
import { Icon, type IconName } from '../ui/Icon';
import styles from './KindIcon.module.css';
import { familyOf } from './preview/family';

const OF_KIND: Partial<Record<Schemas['KindBody'], IconName>> = { dir: 'folder', symlink: 'symlink' };

/** What something is, at a glance. */
export function KindIcon({ kind, name }: { kind: Schemas['KindBody']; name: string }) {
  const icon = OF_KIND[kind] ?? OF_FAMILY[familyOf(name)];
  return <Icon name={icon} className={styles[icon]} />;
}

const OF_FAMILY: Record<ReturnType<typeof familyOf>, IconName> = {
  text: 'text',
  image: 'image',
  pdf: 'text',
  audio: 'media',
  video: 'media',
  archive: 'archive',
  other: 'file',
};
