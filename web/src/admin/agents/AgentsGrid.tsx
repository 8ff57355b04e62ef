import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, useState } from 'react';
import { useLocation } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toWatch } from '../../routes/adminWatch';
import { type GridColumn, VGrid } from '../../ui/grid/VGrid';
import { useOrgUid } from '../console';
import { sourcesQuery } from '../names';
import { AgentPresence } from './AgentPresence';
import styles from './Agents.module.css';
import { type Agent, systemOf } from './agents';

/** Machines, a line each: hundreds of them scroll as ten do. Enter or a press opens one. */
export function AgentsGrid({ agents }: { agents: readonly Agent[] }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const [, navigate] = useLocation();
  const [current, setCurrent] = useState(0);
  const sources = useQuery(sourcesQuery(useOrgUid())).data;
  const columns: GridColumn<Agent>[] = [
    {
      id: 'name',
      head: text('agents.name'),
      width: 'minmax(120px, 2fr)',
      cell: (agent) => <span className={styles.name}>{agent.name}</span>,
    },
    {
      id: 'presence',
      head: text('agents.presence'),
      width: 'minmax(110px, 1fr)',
      cell: (agent) => <AgentPresence agent={agent} />,
    },
    {
      id: 'sources',
      head: text('agents.sources'),
      width: 'minmax(100px, 1.6fr)',
      isExtra: true,
      cell: (agent) =>
        sources
          ?.filter((source) => source.agent === agent.uid)
          .map(({ name }) => name)
          .join(', ') || '–',
    },
    {
      id: 'system',
      head: text('agents.system'),
      width: 'minmax(120px, 1.6fr)',
      isExtra: true,
      cell: systemOf,
    },
    {
      id: 'version',
      head: text('agents.version'),
      width: '90px',
      isExtra: true,
      cell: (agent) => agent.facts.agent_version,
    },
    {
      id: 'seen',
      head: text('agents.seen'),
      width: 'minmax(110px, 1fr)',
      cell: (agent) => (agent.last_seen_at ? format.ago(agent.last_seen_at, now) : '–'),
    },
  ];
  const open = (index: number) => {
    const agent = agents[index];
    if (agent) navigate(toWatch.agent(agent.uid));
  };
  return (
    <div className={styles.frame} style={{ '--rows': agents.length } as CSSProperties}>
      <VGrid
        label={text('agents.title')}
        count={agents.length}
        rowAt={(index) => agents[index]}
        columns={columns}
        nameColumn="name"
        current={Math.min(current, agents.length - 1)}
        onMove={(index) => setCurrent(index)}
        onPress={open}
        onOpen={open}
      />
    </div>
  );
}
