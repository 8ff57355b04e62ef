import { usePortalText } from '../../i18n/portal';
import { Status, type Tone } from '../../ui/Status';
import type { RestoreState } from '../data/restores';

const TONES: Record<RestoreState, Tone> = {
  checking: 'busy',
  ready: 'neutral',
  approval: 'warn',
  denied: 'bad',
  queued: 'busy',
  running: 'busy',
  paused: 'warn',
  done: 'good',
  done_with_errors: 'warn',
  failed: 'bad',
  cancelled: 'neutral',
};

export function RestoreStatus({ state }: { state: RestoreState }) {
  const text = usePortalText();
  return <Status tone={TONES[state]}>{text(`restore.state.${state}`)}</Status>;
}
