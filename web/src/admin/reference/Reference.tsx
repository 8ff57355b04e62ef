import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo } from 'react';
import { useAdminText } from '../../i18n/admin';
import { referenceState } from '../../routes/adminKeep';
import { useSearchState } from '../../routes/useSearchState';
import { Button, LinkButton } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { NamedFilter, TextFilter } from '../parts/filters';
import { FilterBar, Page, Part } from '../parts/Page';
import { CallView } from './CallView';
import { descriptionQuery, finds } from './description';
import styles from './Reference.module.css';

/** What programs can do: every request, from the server's own description. */
export default function Reference() {
  const text = useAdminText();
  const query = useQuery(descriptionQuery);
  const [state, setState] = useSearchState(referenceState);
  const written = useDeferredValue(state.q);
  const api = query.data;
  const calls = useMemo(
    () =>
      (api?.calls ?? []).filter(
        (call) => (state.tag === '' || call.tag === state.tag) && finds(call, written.trim()),
      ),
    [api, state.tag, written],
  );
  const tags = api?.tags.filter((tag) => calls.some((call) => call.tag === tag)) ?? [];
  const isFiltered = referenceState.write(state) !== '';
  return (
    <Page
      title={text('nav.reference')}
      words={text('reference.words')}
      actions={
        <LinkButton isOutside icon="download" href="/api/openapi.json">
          {text('reference.download')}
        </LinkButton>
      }
    >
      <FilterBar>
        <TextFilter label={text('reference.search')} value={state.q} onChange={(q) => setState({ q })} />
        <NamedFilter
          label={text('reference.parts')}
          value={state.tag}
          onChange={(tag) => setState({ tag }, { isStep: true })}
          named={api?.tags.map((tag) => ({ uid: tag, name: tag }))}
        />
        {isFiltered && (
          <Button look="quiet" icon="close" onPress={() => setState({ q: '', tag: '' }, { isStep: true })}>
            {text('filter.clear')}
          </Button>
        )}
      </FilterBar>
      {!api ? (
        query.error ? (
          <ErrorView error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={10} height={28} />
        )
      ) : calls.length === 0 ? (
        <Empty icon="search" title={text('reference.none.title')}>
          {text('reference.none.words')}
        </Empty>
      ) : (
        <>
          <p role="status" className={styles.soft}>
            {text('reference.count', { n: calls.length })}
          </p>
          {/* The description is written in English, whatever the page speaks. */}
          <div lang="en" className={styles.parts}>
            {tags.map((tag) => (
              <Part key={tag} title={tag}>
                <div className={styles.calls}>
                  {calls
                    .filter((call) => call.tag === tag)
                    .map((call) => (
                      <CallView key={call.id} call={call} schemas={api.schemas} />
                    ))}
                </div>
              </Part>
            ))}
          </div>
        </>
      )}
    </Page>
  );
}
