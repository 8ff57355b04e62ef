import { usePortalText } from '../../i18n/portal';
import { to } from '../../routes/portal';
import { Button, IconButton, LinkButton } from '../../ui/Button';
import { useDownload } from '../browse/useDownload';
import { addressOf, nameOf, parentOf, shown } from '../data/address';
import { Compare } from '../preview/Compare';
import view from '../preview/FileView.module.css';
import { familyOf } from '../preview/family';
import { Preview } from '../preview/Preview';
import type { Line } from './useDiff';
import type { Side } from './useSide';

interface DiffDetailProps {
  source: string;
  line: Line;
  from: Side;
  until: Side;
  onClose: () => void;
}

/** One difference: two texts compared, else what there is to see; and the way to have the earlier one back. */
export function DiffDetail({ source, line, from, until, onClose }: DiffDetailProps) {
  const text = usePortalText();
  const download = useDownload();
  const address = addressOf(line);
  const old = line.from ? addressOf(line.from) : address;
  const name = nameOf(address);
  const stat = line.after ?? line.before;
  const isText = familyOf(name) === 'text' && stat?.kind === 'file';
  return (
    <article className={view.view}>
      <header className={view.head}>
        <div className={view.title}>
          <h2>{name}</h2>
          <p className={view.soft}>{shown(parentOf(address))}</p>
        </div>
        <IconButton isSmall icon="close" aria-label={text('action.close')} onPress={onClose} />
      </header>
      <div className={view.actions}>
        {line.before?.kind === 'file' && (
          <Button
            icon="download"
            onPress={() => download.mutate({ source, items: [{ address: old, at: from.id }], form: 'file' })}
          >
            {text('diff.downloadBefore')}
          </Button>
        )}
        {stat?.kind === 'file' && (
          <LinkButton look="quiet" icon="history" href={to.file(source, { p: address })}>
            {text('versions.label')}
          </LinkButton>
        )}
      </div>
      <div className={view.preview}>
        {line.change === 'changed' && isText ? (
          <Compare source={source} address={address} from={old} before={from.id} after={until.id} />
        ) : (
          stat && (
            <Preview
              source={source}
              address={line.after ? address : old}
              at={line.after ? until.id : from.id}
              kind={stat.kind}
              size={stat.size ?? 0}
            />
          )
        )}
      </div>
    </article>
  );
}
