import { useAdminText } from '../../i18n/admin';
import { Empty } from '../../ui/Empty';

export function Dashboard() {
  const text = useAdminText();
  return (
    <>
      <h1>{text('dashboard.title')}</h1>
      <Empty icon="shield" title={text('dashboard.empty.title')}>
        {text('dashboard.empty.words')}
      </Empty>
    </>
  );
}
