import { queryOptions } from '@tanstack/react-query';
import { api, ask, askTagged } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type Agent = Schemas['AgentBody'];
export type Source = Schemas['SourceBody'];

/** An agent says every minute that it is there; one that was not heard of for so long is away. */
const AWAY_MS = 5 * 60_000;
/** A clock that is wrong by more is worth a word. */
export const SKEW_MS = 60_000;

export type Presence = 'here' | 'away' | 'neverSeen' | 'revoked' | 'unenrolled';

export function presenceOf(agent: Agent, now: number): Presence {
  if (agent.state !== 'active') return agent.state;
  if (!agent.last_seen_at) return 'neverSeen';
  return now - new Date(agent.last_seen_at).getTime() < AWAY_MS ? 'here' : 'away';
}

/** “Debian GNU/Linux 12 · x86_64”, as the machine calls itself. */
export const systemOf = ({ facts }: Agent): string => `${facts.os_release ?? facts.os} · ${facts.arch}`;

export const agentQuery = (org: string, agent: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'agents', 'one', agent),
    queryFn: ({ signal }) =>
      askTagged(() =>
        api.GET('/api/v1/orgs/{org}/agents/{agent}', { params: { path: { org, agent } }, signal }),
      ),
  });

export const certificatesQuery = (org: string, agent: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'agents', 'certificates', agent),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() =>
          api.GET('/api/v1/orgs/{org}/agents/{agent}/certificates', {
            params: { path: { org, agent }, query },
            signal,
          }),
        ),
      ),
  });

export const enrolmentTokensQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'enrolment-tokens'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() =>
          api.GET('/api/v1/orgs/{org}/enrolment-tokens', { params: { path: { org }, query }, signal }),
        ),
      ),
  });

/** How many agents run which version, the most common first. */
export function versionsOf(agents: readonly Agent[]): [version: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { facts } of agents) {
    counts.set(facts.agent_version, (counts.get(facts.agent_version) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** Whether everything that is written is found in what one knows of an agent. */
export function isFound(agent: Agent, written: string): boolean {
  const { facts } = agent;
  const known = [agent.name, facts.hostname, facts.os, facts.os_release, facts.arch, facts.agent_version];
  const said = known.join(' ').toLocaleLowerCase();
  return written
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}
