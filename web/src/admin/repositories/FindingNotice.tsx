import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { Notice, type Tone } from '../../ui/Status';
import styles from './Finding.module.css';

export type Finding = Schemas['Finding'];

/** Which findings are what one wants: that depends on whether a repository is to be made or taken. */
const toneOf = (finding: Finding, isWanted: (code: Finding['code']) => boolean): Tone =>
  isWanted(finding.code) ? 'good' : 'bad';

interface FindingProps {
  finding: Finding;
  /** What would be well. By default: that the repository can be used. */
  isWanted?: (code: Finding['code']) => boolean;
}

/** What was found at a place: in our words, and in the storage's own below. */
export function FindingNotice({ finding, isWanted = (code) => code === 'ready' }: FindingProps) {
  const text = useAdminText();
  return (
    <Notice tone={toneOf(finding, isWanted)}>
      <p>{text(`finding.${finding.code}`)}</p>
      {finding.detail && <code className={styles.detail}>{finding.detail}</code>}
    </Notice>
  );
}
