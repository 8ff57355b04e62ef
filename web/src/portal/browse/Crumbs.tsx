import { Link } from 'wouter';
import { usePortalText } from '../../i18n/portal';
import { Icon } from '../../ui/Icon';
import { type Address, ROOT, steps } from '../data/address';
import styles from './Browse.module.css';

interface CrumbsProps {
  device: string;
  folder: Address;
  /** The address of a folder on the way, at the same time. */
  linkTo: (folder: Address) => string;
}

/** The way to a folder, each part of it a link. */
export function Crumbs({ device, folder, linkTo }: CrumbsProps) {
  const text = usePortalText();
  const way = [{ name: device, address: ROOT }, ...steps(folder)];
  return (
    <nav aria-label={text('browse.way')} className={styles.crumbs}>
      <ol>
        {way.map((step, index) => (
          <li key={step.address}>
            {index > 0 && <Icon name="chevron-right" />}
            {index === way.length - 1 ? (
              <h1 aria-current="page">{step.name}</h1>
            ) : (
              <Link href={linkTo(step.address)}>{step.name}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
