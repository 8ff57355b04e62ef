import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Status';
import { isUndoing, type Restore, type useRestoreVerb } from '../data/restores';
import styles from './Restore.module.css';

/** Putting back what a restore replaced: the button while it can be done, and what became of it. */
export function Undo({ restore, verb }: { restore: Restore; verb: ReturnType<typeof useRestoreVerb> }) {
  const text = usePortalText();
  const { undo } = restore;
  return (
    <>
      {undo && <UndoState undo={undo} isRunning={isUndoing(restore)} />}
      {restore.undoable && (
        <>
          <Button
            icon="restore"
            isPending={verb.isPending && verb.variables.verb === 'undo'}
            onPress={() => verb.mutate({ verb: 'undo' })}
          >
            {text('undo.ask')}
          </Button>
          <p className={styles.soft}>{text('undo.hint')}</p>
        </>
      )}
    </>
  );
}

function UndoState({ undo, isRunning }: { undo: NonNullable<Restore['undo']>; isRunning: boolean }) {
  const text = usePortalText();
  const format = useFormat();
  if (isRunning) return <Notice tone="neutral">{text('undo.running')}</Notice>;
  if (undo.failure) return <Notice tone="bad">{`${text('undo.failed')} ${undo.failure.text}`}</Notice>;
  if (undo.failed > 0) {
    const counts = { done: format.number(undo.files), failed: format.number(undo.failed) };
    return <Notice tone="warn">{text('undo.partly', counts)}</Notice>;
  }
  return <Notice tone="good">{text('undo.done', { n: undo.files })}</Notice>;
}
