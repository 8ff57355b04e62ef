import { useAdminText } from '../../i18n/admin';
import { Status } from '../../ui/Status';
import type { Repository } from './repositories';

/** How a repository is. What was found wrong outweighs everything else. */
export function RepositoryState({ repository }: { repository: Repository }) {
  const text = useAdminText();
  if (repository.fault) return <Status tone="bad">{text('repositories.state.fault')}</Status>;
  if (repository.state === 'paused') {
    return (
      <Status tone="warn" icon="pause">
        {text('repositories.state.paused')}
      </Status>
    );
  }
  // restic's own id comes with the repository: until then the place is only named.
  if (!repository.restic_id) return <Status tone="neutral">{text('repositories.state.awaited')}</Status>;
  return <Status tone="good">{text('repositories.state.ready')}</Status>;
}
