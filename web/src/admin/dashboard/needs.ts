//! What somebody has to do something about, the worst first.
import type { Schemas } from '../../api/types';
import { type Agent, SKEW_MS } from '../agents/agents';
import type { Protection, SourceProtection, Verified } from './protection';

const DAY_MS = 86_400_000;
/** A repository that was not proved readable for so long should be. */
const VERIFY_MS = 31 * DAY_MS;

type Repository = Schemas['RepositoryBody'];

export type Need =
  | { kind: 'failed' | 'late' | 'never' | 'unplanned'; source: SourceProtection }
  | { kind: 'fault'; repository: Repository }
  | { kind: 'verifyFailed' | 'verifyOld'; verified: Verified }
  | { kind: 'clock'; agent: Agent };

/** In this order they are shown. */
const ORDER: readonly Need['kind'][] = [
  'fault',
  'failed',
  'verifyFailed',
  'late',
  'never',
  'clock',
  'verifyOld',
  'unplanned',
];

export const toneOf = (need: Need): 'bad' | 'warn' =>
  need.kind === 'failed' || need.kind === 'fault' || need.kind === 'verifyFailed' ? 'bad' : 'warn';

export function needsOf(
  protection: Protection,
  repositories: readonly Repository[],
  agents: readonly Agent[],
  now: number,
): Need[] {
  const needs: Need[] = [
    ...protection.sources.flatMap(needOf),
    ...repositories.filter(({ fault }) => fault).map((repository): Need => ({ kind: 'fault', repository })),
    ...protection.verified.flatMap((verified) => verifyNeed(verified, repositories, now)),
    ...agents
      .filter(({ state, clock_skew_ms }) => state === 'active' && Math.abs(clock_skew_ms ?? 0) > SKEW_MS)
      .map((agent): Need => ({ kind: 'clock', agent })),
  ];
  return needs.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

function needOf(source: SourceProtection): Need[] {
  const kind = (['failed', 'late', 'never', 'unplanned'] as const).find((one) => one === source.state);
  return kind ? [{ kind, source }] : [];
}

/** A repository is to be verified once it holds something for a month. */
function verifyNeed(verified: Verified, repositories: readonly Repository[], now: number): Need[] {
  if (verified.last?.state === 'failed') return [{ kind: 'verifyFailed', verified }];
  const repository = repositories.find(({ uid }) => uid === verified.repository);
  const since = verified.last?.at ?? repository?.created_at;
  const isOld = since !== undefined && now - new Date(since).getTime() > VERIFY_MS;
  return isOld && (repository?.stored_bytes ?? 0) > 0 ? [{ kind: 'verifyOld', verified }] : [];
}
