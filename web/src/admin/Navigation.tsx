import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAdminText } from '../i18n/admin';
import { classes } from '../lib/classes';
import { IconButton } from '../ui/Button';
import { Drawer } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { type Area, GROUPS, type Scope } from './areas';
import styles from './Navigation.module.css';
import { useAreas } from './visible';

/** The way to every page, beside the page. */
export function NavigationColumn({ scope }: { scope: Scope }) {
  const text = useAdminText();
  return (
    <nav aria-label={text('nav.label')} className={styles.column}>
      <Links scope={scope} />
    </nav>
  );
}

/** The same behind a button, where there is no room beside. */
export function NavigationDrawer({ scope }: { scope: Scope }) {
  const text = useAdminText();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={styles.opener}>
      <IconButton icon="list" aria-label={text('nav.open')} onPress={() => setOpen(true)} />
      <Drawer title={text('nav.label')} isOpen={isOpen} onClose={() => setOpen(false)}>
        <nav aria-label={text('nav.label')} className={styles.drawer}>
          <div>
            <IconButton icon="close" aria-label={text('action.close')} onPress={() => setOpen(false)} />
          </div>
          <Links scope={scope} onFollow={() => setOpen(false)} />
        </nav>
      </Drawer>
    </div>
  );
}

function Links({ scope, onFollow }: { scope: Scope; onFollow?: () => void }) {
  const text = useAdminText();
  const areas = useAreas(scope);
  const [location] = useLocation();
  return GROUPS.map((group) => {
    const own = areas.filter((area) => area.group === group);
    if (own.length === 0) return null;
    return (
      <section key={group} className={styles.group} aria-label={text(`group.${group}`)}>
        <h2>{text(`group.${group}`)}</h2>
        {own.map((area) => (
          <Link
            key={area.href}
            href={area.href}
            className={classes(isAt(location, area) && styles.current)}
            aria-current={isAt(location, area) ? 'page' : undefined}
            {...(onFollow && { onClick: onFollow })}
          >
            <Icon name={area.icon} />
            {text(area.label)}
          </Link>
        ))}
      </section>
    );
  });
}

/** Whether this page is one of the area's. The start page is above all others, and only itself. */
const isAt = (location: string, area: Area) =>
  area.href === '/' ? location === '/' : location === area.href || location.startsWith(`${area.href}/`);
