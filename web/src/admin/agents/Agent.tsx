import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toWatch } from '../../routes/adminWatch';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { useOrgUid } from '../console';
import { installationQuery } from '../installation';
import { JobsTable } from '../jobs/JobsTable';
import { jobsQuery } from '../jobs/jobs';
import { Facts } from '../parts/Facts';
import { Page, Part } from '../parts/Page';
import { AgentActions } from './AgentActions';
import { AgentPresence } from './AgentPresence';
import { type Agent as AgentBody, agentQuery, SKEW_MS, systemOf } from './agents';
import { Certificates } from './Certificates';
import { Sources } from './Sources';

const JOBS_SHOWN = 8;

/** Those that have words; a newer agent may have more. */
const CAPABILITIES = [
  'backup',
  'restore',
  'hooks',
  'spool',
  'offline_schedule',
  'bandwidth_by_hour',
] as const;

/** One machine: what of it is protected, what it did, what it is. */
export default function Agent({ params }: { params: { agent: string } }) {
  const text = useAdminText();
  const format = useFormat();
  const query = useQuery(agentQuery(useOrgUid(), params.agent));
  if (query.error && !query.data) {
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <Skeleton lines={8} height={20} />;
  const { value: agent, tag } = query.data;
  const skew = agent.clock_skew_ms ?? 0;
  return (
    <Page
      title={agent.name}
      up={{ href: toWatch.agents(), label: text('agents.title') }}
      status={<AgentPresence agent={agent} />}
      words={systemOf(agent)}
      actions={<AgentActions agent={agent} tag={tag} />}
    >
      {agent.state === 'active' && Math.abs(skew) > SKEW_MS && (
        <Notice tone="warn">
          {text('agent.clock.wrong', { time: format.duration(Math.abs(skew) / 1000) })}
        </Notice>
      )}
      <OtherVersion agent={agent} />
      <Sources agent={agent} />
      <LastJobs agent={agent.uid} />
      <AgentFacts agent={agent} />
      <Certificates agent={agent.uid} />
    </Page>
  );
}

/** An agent of another version than the server works, and lacks what is new. */
function OtherVersion({ agent }: { agent: AgentBody }) {
  const text = useAdminText();
  const { data } = useQuery(installationQuery);
  if (!data || agent.state !== 'active' || agent.facts.agent_version === data.version) return null;
  return <Notice tone="neutral">{text('agents.otherVersion', { version: data.version })}</Notice>;
}

function LastJobs({ agent }: { agent: string }) {
  const text = useAdminText();
  const jobs = useInfiniteQuery(jobsQuery(useOrgUid(), { agent }));
  const rows = jobs.data?.pages[0]?.items.slice(0, JOBS_SHOWN);
  return (
    <Part
      title={text('agent.jobs')}
      end={rows && rows.length > 0 && <Link href={toWatch.jobs({ agent })}>{text('agent.jobs.all')}</Link>}
    >
      {jobs.error && !rows ? (
        <ErrorView error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : !rows ? (
        <Skeleton lines={4} />
      ) : rows.length === 0 ? (
        <p>{text('agent.jobs.none')}</p>
      ) : (
        <JobsTable label={text('agent.jobs')} jobs={rows} without={['agent']} />
      )}
    </Part>
  );
}

function AgentFacts({ agent }: { agent: AgentBody }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const { facts } = agent;
  const capability = (name: string) => {
    const known = CAPABILITIES.find((one) => one === name);
    return known ? text(`capability.${known}`) : name;
  };
  return (
    <Facts
      facts={[
        { name: text('agents.seen'), value: agent.last_seen_at && format.ago(agent.last_seen_at, now) },
        { name: text('agents.version'), value: facts.agent_version },
        { name: text('agent.hostname'), value: facts.hostname },
        { name: text('agent.account'), value: facts.owner.name },
        { name: text('agent.zone'), value: facts.time_zone },
        { name: text('agent.clock'), value: <Clock skew={agent.clock_skew_ms ?? null} /> },
        { name: text('agent.address'), value: agent.address },
        { name: text('agent.enrolledAt'), value: format.dateTime(agent.created_at) },
        { name: text('agent.endedAt'), value: agent.ended_at && format.dateTime(agent.ended_at) },
        {
          name: text('agent.can'),
          value: format.list(facts.capabilities.map(capability)),
        },
      ]}
    />
  );
}

function Clock({ skew }: { skew: number | null }) {
  const text = useAdminText();
  const format = useFormat();
  if (skew === null) return '–';
  const time = format.duration(Math.abs(skew) / 1000);
  if (Math.abs(skew) < 1_000) return text('agent.clock.right');
  return text(skew > 0 ? 'agent.clock.ahead' : 'agent.clock.behind', { time });
}
