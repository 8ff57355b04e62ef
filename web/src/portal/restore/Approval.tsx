import { useState } from 'react';
import { useMe } from '../../api/me';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import type { Restore, useRestoreVerb } from '../data/restores';
import styles from './Restore.module.css';

interface ApprovalProps {
  restore: Restore;
  verb: ReturnType<typeof useRestoreVerb>;
  isMine: boolean;
}

/** A second person says yes or no, where the organization wants that. */
export function Approval({ restore, verb, isMine }: ApprovalProps) {
  const text = usePortalText();
  const { role } = useMe().user;
  const [why, setWhy] = useState('');
  const mayDecide = !isMine && (role === 'admin' || role === 'operator');
  if (restore.state === 'denied') {
    const by = restore.approval?.by?.name ?? '';
    return (
      <Notice tone="bad">
        {text('approval.denied', { name: by })} {restore.approval?.why}
      </Notice>
    );
  }
  if (!mayDecide) return <Notice tone="warn">{text('approval.waits')}</Notice>;
  return (
    <section className={styles.card}>
      <h2>{text('approval.title', { name: restore.asker.name ?? '' })}</h2>
      {restore.comment && <p>{restore.comment}</p>}
      <ul className={styles.problems}>
        {restore.items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
      <Field label={text('approval.why')} value={why} onChange={setWhy} maxLength={500} />
      <div className={styles.actions}>
        <Button look="danger" onPress={() => verb.mutate({ verb: 'deny', why })}>
          {text('approval.deny')}
        </Button>
        <Button look="primary" onPress={() => verb.mutate({ verb: 'approve', why })}>
          {text('approval.approve')}
        </Button>
      </div>
    </section>
  );
}
