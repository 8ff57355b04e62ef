import { Link } from 'wouter';
import { useAdminText } from '../i18n/admin';
import { toAdmin } from '../routes/admin';
import { Icon } from '../ui/Icon';
import styles from './App.module.css';

export function Navigation() {
  const text = useAdminText();
  return (
    <nav aria-label={text('nav.label')} className={styles.navigation}>
      <Link href={toAdmin.dashboard()} className={(isCurrent) => (isCurrent ? (styles.current ?? '') : '')}>
        <Icon name="chart" />
        {text('nav.dashboard')}
      </Link>
    </nav>
  );
}
