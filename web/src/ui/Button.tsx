import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';
import { Link as RouterLink } from 'wouter';
import { classes } from '../lib/classes';
import styles from './Button.module.css';
import { Icon, type IconName } from './Icon';

type Look = 'plain' | 'primary' | 'quiet' | 'danger';

interface Dress {
  look?: Look;
  icon?: IconName;
  /** Lower, for bars and rows. */
  isSmall?: boolean;
  children?: ReactNode;
}

interface ButtonProps extends Dress, Omit<AriaProps, 'children' | 'className' | 'style'> {}

export function Button({
  look = 'plain',
  icon,
  isSmall,
  isPending = false,
  children,
  ...props
}: ButtonProps) {
  // What was pressed keeps the focus, and does nothing until it is done. React Aria's own `isPending` would let a listener
  // hear the button's name afterwards, when the button may be gone with its form.
  const pending = isPending
    ? { type: 'button' as const, onPress: () => undefined, 'aria-disabled': true }
    : {};
  return (
    <AriaButton
      {...props}
      {...pending}
      className={classes(dressed(look, isSmall, !children), isPending && styles.pending)}
    >
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

/** A button that is a picture only: it needs a name. */
export function IconButton(
  props: Omit<ButtonProps, 'children' | 'icon'> & { icon: IconName; 'aria-label': string },
) {
  return <Button look="quiet" {...props} />;
}

interface LinkProps extends Dress {
  href: string;
  /** Leaves the application: a download, another page of the server. */
  isOutside?: boolean;
  'aria-label'?: string;
}

/** What leads somewhere is a link, however it looks. */
export function LinkButton({
  href,
  isOutside,
  look = 'plain',
  icon,
  isSmall,
  children,
  ...props
}: LinkProps) {
  const content = (
    <>
      {icon && <Icon name={icon} />}
      {children}
    </>
  );
  const className = dressed(look, isSmall, !children);
  return isOutside ? (
    <a {...props} href={href} className={className}>
      {content}
    </a>
  ) : (
    <RouterLink {...props} href={href} className={className}>
      {content}
    </RouterLink>
  );
}

const dressed = (look: Look, isSmall = false, isIcon = false) =>
  classes(styles.button, styles[look], isSmall && styles.small, isIcon && styles.icon);
