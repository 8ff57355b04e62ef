import type { ReactElement } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { classes } from '../lib/classes';
import { Icon, type IconName } from './Icon';
import styles from './Menu.module.css';

export interface MenuEntry {
  id: string;
  label: string;
  hint?: string;
  icon?: IconName;
  isDanger?: boolean;
  isDisabled?: boolean;
  onAction: () => void;
}

/** Things to do, behind a button. */
export function Menu({
  label,
  trigger,
  entries,
  isOpenAtFirst = false,
}: {
  label: string;
  trigger: ReactElement;
  entries: MenuEntry[];
  /** It was asked for before it was there. */
  isOpenAtFirst?: boolean;
}) {
  return (
    <MenuTrigger defaultOpen={isOpenAtFirst}>
      {trigger}
      <Popover className={styles.popover ?? ''} placement="bottom end">
        <AriaMenu
          aria-label={label}
          className={styles.menu ?? ''}
          disabledKeys={entries.filter((entry) => entry.isDisabled).map((entry) => entry.id)}
          onAction={(id) => entries.find((entry) => entry.id === id)?.onAction()}
        >
          {entries.map((entry) => (
            <MenuItem
              key={entry.id}
              id={entry.id}
              textValue={entry.label}
              className={classes(styles.item, entry.isDanger && styles.danger)}
            >
              {entry.icon && <Icon name={entry.icon} />}
              <span>
                {entry.label}
                {entry.hint && <span className={styles.hint}>{entry.hint}</span>}
              </span>
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
