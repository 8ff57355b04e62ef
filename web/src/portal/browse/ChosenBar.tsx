import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Button, IconButton } from '../../ui/Button';
import { Menu } from '../../ui/Menu';
import { useRestoreDialog } from '../restore/RestoreDialog';
import styles from './Browse.module.css';
import { bytesOf, useChosen } from './chosen';
import { useDownload } from './useDownload';

/** What is chosen, in whatever folders, and what can be done with all of it. */
export function ChosenBar({ source, uses }: { source: string; uses: readonly Schemas['UseBody'][] }) {
  const text = usePortalText();
  const format = useFormat();
  const chosen = useChosen();
  const download = useDownload();
  const restore = useRestoreDialog();
  const items = [...chosen.items.values()];
  const single = items.length === 1 ? items[0] : undefined;
  const folders = items.filter((item) => item.kind === 'dir').length;
  const size = folders === 0 ? format.size(bytesOf(items)) : '';
  return (
    <section aria-label={text('chosen.label')} className={styles.chosen}>
      <p>
        <strong>{text('chosen.count', { n: items.length })}</strong>
        {size && <span className={styles.soft}> · {size}</span>}
        {folders > 0 && <span className={styles.soft}> · {text('chosen.folders', { n: folders })}</span>}
      </p>
      <IconButton isSmall icon="close" aria-label={text('chosen.clear')} onPress={chosen.clear} />
      <span className={styles.gap} />
      {uses.includes('restore') && (
        <Button icon="restore" onPress={() => restore.open({ source, items })}>
          {text('action.restore')}
        </Button>
      )}
      {uses.includes('download') && (
        <>
          <Button
            look="primary"
            icon="download"
            isPending={download.isPending}
            onPress={() => download.mutate({ source, items, form: single?.kind === 'file' ? 'file' : 'zip' })}
          >
            {single?.kind === 'file' ? text('action.download') : text('action.downloadZip')}
          </Button>
          <Menu
            label={text('download.as')}
            trigger={<IconButton look="plain" icon="chevron-down" aria-label={text('download.as')} />}
            entries={[
              {
                id: 'zip',
                icon: 'archive',
                label: 'ZIP',
                hint: text('download.zip'),
                onAction: () => download.mutate({ source, items, form: 'zip' }),
              },
              {
                id: 'tar',
                icon: 'archive',
                label: 'TAR',
                hint: text('download.tar'),
                onAction: () => download.mutate({ source, items, form: 'tar' }),
              },
            ]}
          />
        </>
      )}
      {restore.dialog}
    </section>
  );
}
