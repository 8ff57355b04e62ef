import { useQuery } from '@tanstack/react-query';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { grantsState, toKeep } from '../../routes/adminKeep';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useConsole } from '../console';
import { GrantsTable } from '../grants/GrantsTable';
import { filed } from '../keys';
import { Facts } from '../parts/Facts';
import { Page, Part } from '../parts/Page';
import { useMay } from '../rights';
import { getPerson } from './calls';
import { PersonState, SignsIn } from './PeopleTable';
import { PersonActions } from './PersonActions';
import { SessionsPart } from './SessionsPart';

/** One person: what they are, where they are signed in, and what they were granted. */
export default function User({ params }: { params: { user: string } }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const may = useMay();
  const { org: about } = useConsole();
  const org = about?.uid ?? null;
  const query = useQuery({
    queryKey: filed(org, 'users', 'one', params.user),
    queryFn: ({ signal }) => getPerson(org, params.user, signal),
  });
  if (!query.data) {
    return query.error ? (
      <ErrorView error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton lines={8} height={24} />
    );
  }
  const { value: person, tag } = query.data;
  return (
    <Page
      title={person.name}
      status={<PersonState person={person} />}
      words={person.email}
      up={{ href: toKeep.users(), label: text(org === null ? 'nav.roots' : 'nav.users') }}
      actions={<PersonActions org={org} person={person} tag={tag} />}
    >
      <Facts
        facts={[
          { name: text('users.role'), value: text(`role.${person.role}`) },
          { name: text('users.signsIn'), value: <SignsIn person={person} /> },
          {
            name: text('users.seen'),
            value: person.signed_in_at ? format.ago(person.signed_in_at, now) : text('time.never'),
          },
          { name: text('repository.created'), value: format.date(person.created_at) },
        ]}
      />
      <p>{text(`roles.${person.role}.words`)}</p>
      {org !== null && may('see', 'session') && <SessionsPart org={org} person={person} />}
      {org !== null && may('see', 'grant') && (
        <Part title={text('user.grants')}>
          <GrantsTable
            org={org}
            filter={grantsState.read(`?user=${person.uid}`)}
            label={`${text('user.grants')}: ${person.name}`}
          />
        </Part>
      )}
    </Page>
  );
}
