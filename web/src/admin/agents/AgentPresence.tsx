import { useAdminText } from '../../i18n/admin';
import { useNow } from '../../lib/useNow';
import type { IconName } from '../../ui/Icon';
import { Status, type Tone } from '../../ui/Status';
import { type Agent, type Presence, presenceOf } from './agents';

const LOOK: Record<Presence, { tone: Tone; icon: IconName }> = {
  here: { tone: 'good', icon: 'done' },
  away: { tone: 'warn', icon: 'offline' },
  neverSeen: { tone: 'neutral', icon: 'clock' },
  revoked: { tone: 'bad', icon: 'lock' },
  unenrolled: { tone: 'neutral', icon: 'minus' },
};

/** Whether a machine is there. */
export function AgentPresence({ agent }: { agent: Agent }) {
  const text = useAdminText();
  const presence = presenceOf(agent, useNow());
  const { tone, icon } = LOOK[presence];
  const word =
    presence === 'revoked' || presence === 'unenrolled'
      ? text(`agents.state.${presence}`)
      : text(`agents.${presence}`);
  return (
    <Status tone={tone} icon={icon}>
      {word}
    </Status>
  );
}
