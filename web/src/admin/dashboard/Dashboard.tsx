import { useQuery } from '@tanstack/react-query';
import { useAdminText } from '../../i18n/admin';
import { dashboardState, toWatch } from '../../routes/adminWatch';
import { useSearchState } from '../../routes/useSearchState';
import { LinkButton } from '../../ui/Button';
import { Segments } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import { Page } from '../parts/Page';
import { useMay } from '../rights';
import { Matrix } from './Matrix';
import { Needs } from './Needs';
import { protectionQuery } from './protection';
import { Storage } from './Storage';
import { Tiles } from './Tiles';

/** How everything is, in one look; and what needs somebody. */
export default function Dashboard() {
  const text = useAdminText();
  const [{ days }, setState] = useSearchState(dashboardState);
  const protection = useQuery(protectionQuery(useOrgUid()));
  if (protection.error && !protection.data) {
    return <ErrorView error={protection.error} onRetry={() => void protection.refetch()} />;
  }
  const data = protection.data;
  const isEmpty = data?.sources.length === 0;
  return (
    <Page
      title={text('dashboard.title')}
      actions={
        !isEmpty && (
          <Segments
            label={text('dashboard.days')}
            value={days}
            onChange={(chosen) => setState({ days: chosen }, { isStep: true })}
            options={(['7', '30', '90'] as const).map((value) => ({
              value,
              label: text('dashboard.daysOf', { n: Number(value) }),
            }))}
          />
        )
      }
    >
      {!data ? (
        <Skeleton lines={8} height={30} />
      ) : isEmpty ? (
        <FirstSteps />
      ) : (
        <>
          <Tiles protection={data} />
          <Needs protection={data} />
          <Matrix sources={data.sources} count={Number(days)} />
        </>
      )}
      {data && <Storage days={Number(days)} />}
    </Page>
  );
}

/** Nothing is there yet: what to do, in order. */
function FirstSteps() {
  const text = useAdminText();
  const may = useMay();
  return (
    <Empty
      icon="shield"
      title={text('dashboard.empty.title')}
      actions={
        may('create', 'enrolment token') && (
          <LinkButton look="primary" icon="plus" href={toWatch.enrol()}>
            {text('agents.enrol')}
          </LinkButton>
        )
      }
    >
      {text('dashboard.empty.words')}
    </Empty>
  );
}
