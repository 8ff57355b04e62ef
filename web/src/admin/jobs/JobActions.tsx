import { useLocation } from 'wouter';
import { api, ask, newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { useOrgUid } from '../console';
import { useDo } from '../parts/useDo';
import { useMay } from '../rights';
import { isLive, type Job } from './jobs';

/** What can be done with a job in its state, by whoever looks. */
export function JobActions({ job }: { job: Job }) {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const [, navigate] = useLocation();
  const act = useDo(org);
  const params = { path: { org, job: job.uid } };
  const base = '/api/v1/orgs/{org}/jobs/{job}' as const;

  const cancel = () =>
    act(() => ask(() => api.POST(`${base}/cancel`, { params })), text('job.done.cancel'), ['jobs']);
  const pause = () =>
    act(() => ask(() => api.POST(`${base}/pause`, { params })), text('job.done.pause'), ['jobs']);
  const resume = () =>
    act(() => ask(() => api.POST(`${base}/resume`, { params })), text('job.done.resume'), ['jobs']);
  const retry = () =>
    act(
      async () => {
        const again = await ask(() => api.POST(`${base}/retry`, { params, headers: newKey() }));
        navigate(toWatch.job(again.uid));
      },
      text('job.done.retry'),
      ['jobs'],
    );

  const mayChange = may('change', 'job');
  return (
    <>
      {mayChange && job.kind === 'restore' && isLive(job) && !job.cancel_requested && (
        <Button
          icon={job.pause_requested ? 'play' : 'pause'}
          onPress={() => void (job.pause_requested ? resume() : pause())}
        >
          {text(job.pause_requested ? 'job.action.resume' : 'job.action.pause')}
        </Button>
      )}
      {mayChange && isLive(job) && !job.cancel_requested && (
        <Button icon="close" onPress={() => void cancel()}>
          {text('job.action.cancel')}
        </Button>
      )}
      {may('create', 'job') && (job.state === 'failed' || job.state === 'cancelled') && (
        <Button look="primary" icon="refresh" onPress={() => void retry()}>
          {text('job.action.retry')}
        </Button>
      )}
    </>
  );
}
