import { useText } from '../i18n/common';
import { IconButton } from './Button';
import styles from './CopyLine.module.css';
import { useTell } from './Toast';

/** Puts a text where it can be pasted from, and says so. */
export function useCopy(): (text: string) => Promise<void> {
  const text = useText();
  const tell = useTell();
  return async (words) => {
    try {
      await navigator.clipboard.writeText(words);
      tell('good', text('copy.done'));
    } catch {
      // Without HTTPS browsers give nobody the clipboard.
      tell('warn', text('copy.refused'));
    }
  };
}

/** A command or an address to be copied. It can be marked by hand as well. */
export function CopyLine({ value, label }: { value: string; label: string }) {
  const text = useText();
  const copy = useCopy();
  return (
    <div className={styles.line}>
      <code className={styles.value} tabIndex={0}>
        {value}
      </code>
      <IconButton
        isSmall
        icon="copy"
        aria-label={text('copy.action', { what: label })}
        onPress={() => void copy(value)}
      />
    </div>
  );
}
