import { useAdminText } from '../../i18n/admin';
import { Page } from '../parts/Page';
import { PeopleTable } from './PeopleTable';
import { AddPerson } from './Users';

const everybody = () => true;

/** Who runs the installation. */
export default function Roots() {
  const text = useAdminText();
  return (
    <Page
      title={text('nav.roots')}
      words={text('roots.words')}
      actions={<AddPerson org={null} roles={['root']} />}
    >
      <PeopleTable org={null} label={text('nav.roots')} fits={everybody} />
    </Page>
  );
}
