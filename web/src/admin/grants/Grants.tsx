import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { grantsState } from '../../routes/adminKeep';
import { useSearchState } from '../../routes/useSearchState';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { useOrgUid } from '../console';
import { sourcesQuery } from '../names';
import { NamedFilter } from '../parts/filters';
import { FilterBar, Page } from '../parts/Page';
import { useMay } from '../rights';
import { usePeople } from '../users/people';
import { GrantsTable } from './GrantsTable';
import { NewGrant } from './NewGrant';

/** What people may do in sources of others. */
export default function Grants() {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const [state, setState] = useSearchState(grantsState);
  const [isAdding, setAdding] = useState(false);
  const isFiltered = grantsState.write(state) !== '';
  const add = may('create', 'grant') && (
    <Button look="primary" icon="plus" onPress={() => setAdding(true)}>
      {text('grants.add')}
    </Button>
  );
  return (
    <Page title={text('nav.grants')} words={text('grants.words')} actions={add}>
      <FilterBar>
        <NamedFilter
          label={text('grants.user')}
          value={state.user}
          onChange={(user) => setState({ user }, { isStep: true })}
          named={usePeople(org).all}
        />
        <NamedFilter
          label={text('grants.source')}
          value={state.source}
          onChange={(source) => setState({ source }, { isStep: true })}
          named={useQuery(sourcesQuery(org)).data}
        />
        {isFiltered && (
          <Button
            look="quiet"
            icon="close"
            onPress={() => setState({ user: '', source: '' }, { isStep: true })}
          >
            {text('filter.clear')}
          </Button>
        )}
      </FilterBar>
      <GrantsTable
        org={org}
        filter={state}
        empty={
          <Empty
            icon="check"
            title={text(isFiltered ? 'grants.noneFit.title' : 'grants.none.title')}
            actions={add}
          >
            {text('grants.none.words')}
          </Empty>
        }
      />
      {isAdding && <NewGrant org={org} filter={state} onClose={() => setAdding(false)} />}
    </Page>
  );
}
