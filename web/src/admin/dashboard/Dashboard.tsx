import { useAdminText } from '../../i18n/admin';
import { Empty } from '../../ui/Empty';
import { Page } from '../parts/Page';

export default function Dashboard() {
  const text = useAdminText();
  return (
    <Page title={text('dashboard.title')}>
      <Empty icon="shield" title={text('dashboard.empty.title')}>
        {text('dashboard.empty.words')}
      </Empty>
    </Page>
  );
}
