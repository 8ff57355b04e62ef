import { usePortalText } from '../../i18n/portal';
import { fileState } from '../../routes/portal';
import { useSearchState } from '../../routes/useSearchState';
import { nameOf } from '../data/address';
import { useDevice } from '../data/sources';
import { useTitle } from '../Page';
import { FileView } from './FileView';
import styles from './FileView.module.css';

/** A file on a page of its own: where home, a search on a phone or a link leads. */
export function FilePage({ device: source }: { device: string }) {
  const text = usePortalText();
  const device = useDevice(source);
  const [state, set] = useSearchState(fileState);
  useTitle(nameOf(state.p), device.name);
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">{text('file.page', { name: nameOf(state.p), device: device.name })}</h1>
      <FileView
        source={source}
        address={state.p}
        at=""
        version={state.v}
        onVersion={(v) => set({ v })}
        uses={device.whole ? device.uses : undefined}
      />
    </div>
  );
}
