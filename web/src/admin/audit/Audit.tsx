import { useCallback, useMemo, useState } from 'react';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { auditState, toKeep } from '../../routes/adminKeep';
import { useSearchState } from '../../routes/useSearchState';
import { Button, LinkButton } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { VGrid } from '../../ui/grid/VGrid';
import { Skeleton } from '../../ui/Skeleton';
import { useConsole } from '../console';
import { filed } from '../keys';
import { PAGE_ROWS, usePages } from '../pages';
import { Page } from '../parts/Page';
import { usePeople } from '../users/people';
import styles from './Audit.module.css';
import { AuditFilters } from './AuditFilters';
import { auditQuery } from './audit';
import { EntryDrawer } from './EntryDrawer';
import { ExportLinks } from './ExportLinks';
import { useAuditColumns } from './useAuditColumns';
import { Verdict } from './Verdict';

/** The record of what was done: the organization's, or the installation's. */
export default function Audit() {
  const text = useAdminText();
  const org = useConsole().org?.uid ?? null;
  const [state, setState] = useSearchState(auditState);
  const query = useMemo(() => auditQuery(state), [state]);
  const pages = usePages(filed(org, 'audit', query), (after, signal) => {
    const wanted = { ...query, newest_first: true, limit: PAGE_ROWS, ...(after && { after }) };
    return ask(() =>
      org === null
        ? api.GET('/api/v1/audit', { params: { query: wanted }, signal })
        : api.GET('/api/v1/orgs/{org}/audit', { params: { path: { org }, query: wanted }, signal }),
    );
  });
  const people = usePeople(org);
  const columns = useAuditColumns(people);
  const [current, setCurrent] = useState(0);
  const [opened, setOpened] = useState<number | null>(null);
  const { rows = [], hasMore, isLoadingMore, more } = pages;
  const isFiltered = auditState.write(state) !== '';

  // The next page is asked for before the end of this one is in sight.
  const show = useCallback(
    (_: number, end: number) => {
      if (hasMore && !isLoadingMore && end >= rows.length) more();
    },
    [hasMore, isLoadingMore, rows.length, more],
  );
  const entry = opened === null ? undefined : rows[opened];

  return (
    <Page
      title={text('nav.audit')}
      words={text('audit.words')}
      actions={
        <>
          <Verdict org={org} />
          <ExportLinks org={org} state={state} />
        </>
      }
    >
      <AuditFilters state={state} setState={setState} people={people} isFiltered={isFiltered} />
      {pages.error && !pages.rows ? (
        <ErrorView error={pages.error} onRetry={pages.again} />
      ) : !pages.rows ? (
        <Skeleton lines={12} height={24} />
      ) : (
        <div className={styles.list}>
          <VGrid
            label={text('nav.audit')}
            count={rows.length + (hasMore ? 1 : 0)}
            rowAt={(index) => rows[index]}
            columns={columns}
            nameColumn="at"
            current={Math.min(current, Math.max(0, rows.length - 1))}
            onMove={setCurrent}
            onOpen={setOpened}
            onPress={(index) => {
              setCurrent(index);
              setOpened(index);
            }}
            onShow={show}
            empty={
              <Empty
                icon="shield"
                title={text(isFiltered ? 'audit.noneFit.title' : 'audit.none.title')}
                actions={isFiltered && <LinkButton href={toKeep.audit()}>{text('filter.clear')}</LinkButton>}
              >
                {text(isFiltered ? 'audit.noneFit.words' : 'audit.none.words')}
              </Empty>
            }
          />
          {hasMore && (
            <Button isSmall isPending={isLoadingMore} onPress={more}>
              {text('list.more')}
            </Button>
          )}
        </div>
      )}
      {entry && <EntryDrawer entry={entry} people={people} onClose={() => setOpened(null)} />}
    </Page>
  );
}
