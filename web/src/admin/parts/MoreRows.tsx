import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import styles from './MoreRows.module.css';

interface MoreProps {
  shown: number;
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
}

/** Below a list that is read page by page: how much is shown, and the rest of it. */
export function MoreRows({ shown, hasMore, isLoading, onMore }: MoreProps) {
  const text = useAdminText();
  return (
    <div className={styles.more}>
      <span role="status">{text(hasMore ? 'list.shown' : 'list.all', { n: shown })}</span>
      {hasMore && (
        <Button isSmall isPending={isLoading} onPress={onMore}>
          {text('list.more')}
        </Button>
      )}
    </div>
  );
}
