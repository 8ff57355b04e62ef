import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useText } from '../i18n/common';
import { classes } from '../lib/classes';
import { IconButton } from './Button';
import styles from './Dialog.module.css';

const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex]';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** It has to be answered: no way out but its buttons. */
  isFirm?: boolean;
  isWide?: boolean;
  children: ReactNode;
  /** Buttons, the primary last. */
  actions?: ReactNode;
}

/** A question above the page. Escape and a press outside close it, and the focus goes back to where it was. */
export function Dialog({
  title,
  isOpen,
  onClose,
  isFirm = false,
  isWide = false,
  children,
  actions,
}: DialogProps) {
  const text = useText();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable={!isFirm}
      isKeyboardDismissDisabled={isFirm}
      className={styles.veil ?? ''}
    >
      <Modal className={classes(styles.sheet, isWide && styles.wide)}>
        <AriaDialog className={styles.dialog ?? ''}>
          <header className={styles.head}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {!isFirm && (
              <IconButton isSmall icon="close" aria-label={text('action.close')} onPress={onClose} />
            )}
          </header>
          <Body>{children}</Body>
          {actions && <footer className={styles.foot}>{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What a dialog says. Where it scrolls and nothing in it takes the focus, it takes it itself: keys scroll what has it. */
function Body({ children }: { children: ReactNode }) {
  const body = useRef<HTMLDivElement>(null);
  const [takesFocus, setTakesFocus] = useState(false);
  useEffect(() => {
    const element = body.current;
    if (!element) return;
    const look = () =>
      setTakesFocus(element.scrollHeight > element.clientHeight && !element.querySelector(FOCUSABLE));
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={body} className={styles.body} tabIndex={takesFocus ? 0 : undefined}>
      {children}
    </div>
  );
}

interface DrawerProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A pane from the side, over the page: where the screen has no room beside. */
export function Drawer({ title, isOpen, onClose, children }: DrawerProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable
      className={classes(styles.veil, styles.side)}
    >
      <Modal className={styles.drawer ?? ''}>
        <AriaDialog aria-label={title} className={styles.dialog ?? ''}>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
