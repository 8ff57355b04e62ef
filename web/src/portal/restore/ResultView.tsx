import type { ReactNode } from 'react';
import { useFormat } from '../../i18n/format';
import { type PortalWords, usePortalText } from '../../i18n/portal';
import { LinkButton } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Notice } from '../../ui/Status';
import type { Restore, useRestoreVerb } from '../data/restores';
import styles from './Restore.module.css';
import { Undo } from './Undo';

/** What was done, where it lies, and what could not be done. */
export function ResultView({
  restore,
  verb,
  report,
}: {
  restore: Restore;
  verb: ReturnType<typeof useRestoreVerb>;
  report: ReactNode;
}) {
  const text = usePortalText();
  const format = useFormat();
  const { result, failure } = restore;
  const counts: [keyof PortalWords & `result.${string}`, number][] = result
    ? [
        ['result.files', result.files],
        ['result.verified', result.verified ?? 0],
        ['result.beside', result.kept_beside],
        ['result.replaced', result.replaced],
        ['result.same', result.same],
        ['result.skipped', result.skipped],
        ['result.failed', result.failed],
      ]
    : [];
  return (
    <>
      {failure && <Notice tone="bad">{failure.text}</Notice>}
      {result && (
        <section className={styles.card}>
          <h2>{text(restore.state === 'done' ? 'result.done' : 'result.partly')}</h2>
          <CopyLine value={result.target} label={text('result.folder')} />
          <dl className={styles.counts}>
            {counts
              .filter(([key, count]) => count > 0 || key === 'result.files')
              .map(([key, count]) => (
                <div key={key}>
                  <dt>{text(key as 'result.files')}</dt>
                  <dd>{format.number(count)}</dd>
                </div>
              ))}
            <div>
              <dt>{text('column.size')}</dt>
              <dd>{format.size(result.bytes)}</dd>
            </div>
          </dl>
          {result.safety_folder && (
            <>
              <p>{text('result.safety')}</p>
              <CopyLine value={result.safety_folder} label={text('result.safety')} />
              <Undo restore={restore} verb={verb} />
            </>
          )}
          <div className={styles.actions}>
            <LinkButton
              icon="download"
              isOutside
              href={`/portal/v1/restores/${restore.uid}/report?format=csv`}
            >
              {text('result.csv')}
            </LinkButton>
          </div>
        </section>
      )}
      {report}
    </>
  );
}
