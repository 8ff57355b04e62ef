import { useMemo, useState } from 'react';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { usersState } from '../../routes/adminKeep';
import { useSearchState } from '../../routes/useSearchState';
import { Button } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { useConsole, useOrgUid } from '../console';
import { TextFilter } from '../parts/filters';
import { FilterBar, Page } from '../parts/Page';
import { type Role, useMay } from '../rights';
import { NewUser } from './NewUser';
import { PasswordLink } from './PasswordLink';
import { PeopleTable } from './PeopleTable';
import type { Person } from './people';

/** The people of an organization. */
export default function Users() {
  const text = useAdminText();
  const org = useOrgUid();
  const { org: about } = useConsole();
  const [state, setState] = useSearchState(usersState);
  const isFiltered = usersState.write(state) !== '';
  const fits = useMemo(() => fitsOf(state.q, state.role), [state]);
  return (
    <Page
      title={text('nav.users')}
      words={text('users.words')}
      actions={<AddPerson org={org} roles={['user', 'operator', 'auditor', 'admin']} />}
    >
      <FilterBar>
        <TextFilter label={text('users.search')} value={state.q} onChange={(q) => setState({ q })} />
        <Select
          label={text('users.role')}
          value={state.role}
          onChange={(role) => setState({ role }, { isStep: true })}
          options={[
            { value: 'any', label: text('filter.any') },
            ...(['admin', 'operator', 'auditor', 'user'] as const).map((role) => ({
              value: role,
              label: text(`role.${role}`),
            })),
          ]}
        />
        {isFiltered && (
          <Button
            look="quiet"
            icon="close"
            onPress={() => setState({ q: '', role: 'any' }, { isStep: true })}
          >
            {text('filter.clear')}
          </Button>
        )}
      </FilterBar>
      <PeopleTable org={org} label={`${text('nav.users')}: ${about?.title ?? ''}`} fits={fits} />
    </Page>
  );
}

function fitsOf(written: string, role: string): (person: Person) => boolean {
  const wanted = written.trim().toLowerCase();
  return (person) =>
    (role === 'any' || person.role === role) &&
    `${person.name} ${person.email}`.toLowerCase().includes(wanted);
}

/** Adding somebody, and, once they are there, the link with which they choose a password. */
export function AddPerson({ org, roles }: { org: string | null; roles: readonly Role[] }) {
  const text = useAdminText();
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const [linked, setLinked] = useState<{ person: Person; link: Schemas['LinkBody'] } | null>(null);
  if (!may('create', 'user')) return null;
  return (
    <>
      <Button look="primary" icon="plus" onPress={() => setAdding(true)}>
        {text('users.add')}
      </Button>
      {isAdding && (
        <NewUser
          org={org}
          roles={roles}
          onMade={(person, link) => setLinked({ person, link })}
          onClose={() => setAdding(false)}
        />
      )}
      {linked && <PasswordLink {...linked} onClose={() => setLinked(null)} />}
    </>
  );
}
