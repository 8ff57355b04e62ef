import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Badge, Status } from '../../ui/Status';
import { useNames } from '../names';
import styles from './Snapshots.module.css';
import { tagsOf } from './tags';

interface TagsProps {
  org: string;
  tags: readonly string[];
  /** Where nothing else says it. */
  isHeld?: boolean;
}

/** The tags of a snapshot in words: the plan by its name, a hold as what it is. */
export function SnapshotTags({ org, tags, isHeld = false }: TagsProps) {
  const text = useAdminText();
  const names = useNames(org);
  const { own, plan } = tagsOf(tags);
  const planName = names.plan(plan);
  return (
    <span className={styles.tags}>
      {isHeld && (
        <Status tone="good" icon="lock">
          {text('snapshot.heldNow')}
        </Status>
      )}
      {plan && planName && <Link href={toWatch.plan(plan)}>{planName}</Link>}
      {own.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
    </span>
  );
}
