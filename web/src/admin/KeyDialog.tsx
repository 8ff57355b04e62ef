import { useAdminText } from '../i18n/admin';
import { useStored } from '../lib/stored';
import { Checkbox } from '../ui/Choice';
import { Dialog } from '../ui/Dialog';
import { GO, letterKeys } from './goKeys';
import styles from './KeyHelp.module.css';

/** The keys, and the switch that turns those without Ctrl off. */
export default function KeyDialog({ onClose }: { onClose: () => void }) {
  const text = useAdminText();
  const isOn = useStored(letterKeys) === 'on';
  return (
    <Dialog title={text('keys.title')} isOpen onClose={onClose}>
      <dl className={styles.keys}>
        {GO.map(({ key, label }) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>{text(label)}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{text('keys.help')}</dd>
        </div>
      </dl>
      <Checkbox isSelected={isOn} onChange={(on) => letterKeys.set(on ? 'on' : 'off')}>
        {text('keys.letters')}
      </Checkbox>
    </Dialog>
  );
}
