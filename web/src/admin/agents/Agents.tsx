import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo } from 'react';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { agentsState, toWatch } from '../../routes/adminWatch';
import { useSearchState } from '../../routes/useSearchState';
import { LinkButton } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import { agentsQuery } from '../names';
import { FilterBar, Page } from '../parts/Page';
import { useMay } from '../rights';
import styles from './Agents.module.css';
import { AgentsGrid } from './AgentsGrid';
import { type Agent, isFound, presenceOf, versionsOf } from './agents';

/** Every machine: whether it is there, and what it runs. */
export default function Agents() {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const agents = useQuery(agentsQuery(org));
  const enrol = may('create', 'enrolment token') && (
    <LinkButton look="primary" icon="plus" href={toWatch.enrol()}>
      {text('agents.enrol')}
    </LinkButton>
  );
  if (agents.error && !agents.data) {
    return <ErrorView error={agents.error} onRetry={() => void agents.refetch()} />;
  }
  return (
    <Page
      title={text('agents.title')}
      words={agents.data && <Summary agents={agents.data} />}
      actions={enrol}
    >
      {!agents.data ? (
        <Skeleton lines={8} height={22} />
      ) : agents.data.length === 0 ? (
        <Empty icon="device" title={text('agents.none')} actions={enrol}>
          {text('agents.none.words')}
        </Empty>
      ) : (
        <Found agents={agents.data} />
      )}
    </Page>
  );
}

function Summary({ agents }: { agents: readonly Agent[] }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const active = agents.filter(({ state }) => state === 'active');
  if (active.length === 0) return null;
  const here = active.filter((agent) => presenceOf(agent, now) === 'here').length;
  const versions = versionsOf(active).map(([version, count]) => `${version} (${format.number(count)})`);
  return (
    <>
      {text('agents.sum', { all: active.length, here })}
      {' · '}
      {text('agents.versions', { list: versions.join(', ') })}
    </>
  );
}

function Found({ agents }: { agents: readonly Agent[] }) {
  const text = useAdminText();
  const [state, setState] = useSearchState(agentsState);
  const written = useDeferredValue(state.q);
  const found = useMemo(
    () =>
      agents
        .filter((agent) => state.state === 'any' || agent.state === state.state)
        .filter((agent) => isFound(agent, written)),
    [agents, state.state, written],
  );
  return (
    <>
      <FilterBar>
        <div className={styles.search}>
          <Field
            label={text('agents.search')}
            type="search"
            value={state.q}
            onChange={(q) => setState({ q })}
          />
        </div>
        <Select
          label={text('agents.state')}
          value={state.state}
          onChange={(of) => setState({ state: of }, { isStep: true })}
          options={(['active', 'revoked', 'unenrolled', 'any'] as const).map((of) => ({
            value: of,
            label: text(`agents.state.${of}`),
          }))}
        />
      </FilterBar>
      {found.length === 0 ? (
        <Empty icon="search" title={text('agents.noneFit')}>
          {text('jobs.noneFit.words')}
        </Empty>
      ) : (
        <AgentsGrid agents={found} />
      )}
    </>
  );
}
