import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useAdminText } from '../../i18n/admin';
import { JOB_KINDS, JOB_STATES, jobsState, toWatch } from '../../routes/adminWatch';
import { useSearchState } from '../../routes/useSearchState';
import { Button, LinkButton } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import { agentsQuery, plansQuery, repositoriesQuery } from '../names';
import { MoreRows } from '../parts/MoreRows';
import { FilterBar, Page } from '../parts/Page';
import { JobsTable } from './JobsTable';
import { jobsQuery } from './jobs';

/** All jobs, the newest first, as they go. */
export default function Jobs() {
  const text = useAdminText();
  const org = useOrgUid();
  const [state, setState] = useSearchState(jobsState);
  const jobs = useInfiniteQuery({ ...jobsQuery(org, state), placeholderData: (before) => before });
  const rows = jobs.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = jobsState.write(state) !== '';
  const clear = () => setState(jobsState.read(''), { isStep: true });

  return (
    <Page title={text('jobs.title')} words={text('jobs.words')}>
      <FilterBar>
        <Select
          label={text('jobs.kind')}
          value={state.kind}
          onChange={(kind) => setState({ kind }, { isStep: true })}
          options={[
            { value: 'any', label: text('filter.any') },
            ...JOB_KINDS.map((kind) => ({ value: kind, label: text(`job.kind.${kind}`) })),
          ]}
        />
        <Select
          label={text('jobs.state')}
          value={state.state}
          onChange={(of) => setState({ state: of }, { isStep: true })}
          options={[
            { value: 'any', label: text('filter.any') },
            { value: 'trouble', label: text('job.state.trouble') },
            ...JOB_STATES.map((of) => ({ value: of, label: text(`job.state.${of}`) })),
          ]}
        />
        <NamedFilters />
        {isFiltered && (
          <Button look="quiet" isSmall icon="close" onPress={clear}>
            {text('filter.clear')}
          </Button>
        )}
      </FilterBar>
      {jobs.error && !jobs.data ? (
        <ErrorView error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : !jobs.data ? (
        <Skeleton lines={10} height={22} />
      ) : rows.length === 0 ? (
        <Empty
          icon="list"
          title={text(isFiltered ? 'jobs.noneFit' : 'jobs.none')}
          actions={
            isFiltered ? (
              <Button onPress={clear}>{text('filter.clear')}</Button>
            ) : (
              <LinkButton href={toWatch.plans()}>{text('nav.plans')}</LinkButton>
            )
          }
        >
          {text(isFiltered ? 'jobs.noneFit.words' : 'jobs.none.words')}
        </Empty>
      ) : (
        <>
          <JobsTable label={text('jobs.title')} jobs={rows} />
          <MoreRows
            shown={rows.length}
            hasMore={jobs.hasNextPage}
            isLoading={jobs.isFetchingNextPage}
            onMore={() => void jobs.fetchNextPage()}
          />
        </>
      )}
    </Page>
  );
}

/** Filters by what has a name. A list that cannot be read offers nothing but itself. */
function NamedFilters() {
  const text = useAdminText();
  const org = useOrgUid();
  const [state, setState] = useSearchState(jobsState);
  const lists = {
    plan: useQuery(plansQuery(org)).data ?? [],
    agent: useQuery(agentsQuery(org)).data ?? [],
    repository: useQuery(repositoriesQuery(org)).data ?? [],
  };
  return (['plan', 'agent', 'repository'] as const).map(
    (of) =>
      lists[of].length > 1 && (
        <Select
          key={of}
          label={text(`jobs.${of}`)}
          value={state[of]}
          onChange={(uid) => setState({ [of]: uid }, { isStep: true })}
          options={[
            { value: '', label: text('filter.any') },
            ...lists[of].map(({ uid, name }) => ({ value: uid, label: name })),
          ]}
        />
      ),
  );
}
