import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo } from 'react';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { snapshotsState, toKeep } from '../../routes/adminKeep';
import { useSearchState } from '../../routes/useSearchState';
import { Button, LinkButton } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { useOrgUid } from '../console';
import { afterDay, fromDay } from '../days';
import { ofOrg } from '../keys';
import { repositoriesQuery, sourcesQuery } from '../names';
import { PAGE_ROWS, usePages } from '../pages';
import { DayFilter, NamedFilter, TextFilter } from '../parts/filters';
import { FilterBar, Page } from '../parts/Page';
import { Paged } from '../parts/Paged';
import { useSnapshotColumns } from './useSnapshotColumns';

const NO_FILTER = {
  repository: '',
  source: '',
  host: '',
  tag: '',
  since: '',
  before: '',
  held: 'any',
} as const;

/** All snapshots, narrowed by what one knows of them. */
export default function Snapshots() {
  const text = useAdminText();
  const org = useOrgUid();
  const [state, setState] = useSearchState(snapshotsState);
  // A host is asked for when it is written, not at every letter of it.
  const wanted = useDeferredValue(state);
  const query = useMemo(() => {
    const { repository, source, host, tag, since, before, held } = wanted;
    const until = afterDay(before);
    return {
      limit: PAGE_ROWS,
      ...(repository && { repository }),
      ...(source && { source }),
      ...(host.trim() && { host: host.trim() }),
      ...(tag.trim() && { tag: tag.trim() }),
      ...fromDay(since),
      ...(until && { before: until }),
      ...(held === 'yes' && { held: true }),
    };
  }, [wanted]);
  const pages = usePages(ofOrg(org, 'snapshots', 'list', query), (after, signal) =>
    ask(() =>
      api.GET('/api/v1/orgs/{org}/snapshots', {
        params: { path: { org }, query: { ...query, ...(after && { after }) } },
        signal,
      }),
    ),
  );
  const columns = useSnapshotColumns(org);
  const isFiltered = snapshotsState.write(state) !== '';
  const clear = () => setState(NO_FILTER, { isStep: true });
  const repositories = useQuery(repositoriesQuery(org)).data;
  const sources = useQuery(sourcesQuery(org)).data;

  return (
    <Page title={text('nav.snapshots')} words={text('snapshots.words')}>
      <FilterBar>
        <NamedFilter
          label={text('snapshots.repository')}
          value={state.repository}
          onChange={(repository) => setState({ repository }, { isStep: true })}
          named={repositories}
        />
        <NamedFilter
          label={text('snapshots.source')}
          value={state.source}
          onChange={(source) => setState({ source }, { isStep: true })}
          named={sources}
        />
        <TextFilter
          label={text('snapshots.host')}
          value={state.host}
          onChange={(host) => setState({ host })}
        />
        <TextFilter label={text('snapshots.tag')} value={state.tag} onChange={(tag) => setState({ tag })} />
        <DayFilter
          label={text('filter.since')}
          value={state.since}
          onChange={(since) => setState({ since })}
        />
        <DayFilter
          label={text('filter.before')}
          value={state.before}
          onChange={(before) => setState({ before })}
        />
        <Select
          label={text('snapshots.held')}
          value={state.held}
          onChange={(held) => setState({ held }, { isStep: true })}
          options={[
            { value: 'any', label: text('filter.any') },
            { value: 'yes', label: text('snapshots.held.yes') },
          ]}
        />
        {isFiltered && (
          <Button look="quiet" icon="close" onPress={clear}>
            {text('filter.clear')}
          </Button>
        )}
      </FilterBar>
      <Paged
        label={text('nav.snapshots')}
        pages={pages}
        columns={columns}
        keyOf={(row) => `${row.repository} ${row.id}`}
        empty={
          isFiltered ? (
            <Empty
              icon="search"
              title={text('snapshots.noneFit.title')}
              actions={<Button onPress={clear}>{text('filter.clear')}</Button>}
            >
              {text('snapshots.noneFit.words')}
            </Empty>
          ) : (
            <Empty
              icon="history"
              title={text('snapshots.none.title')}
              actions={<LinkButton href={toKeep.repositories()}>{text('nav.repositories')}</LinkButton>}
            >
              {text('snapshots.none.words')}
            </Empty>
          )
        }
      />
    </Page>
  );
}
