//! What a job says of itself, in words.
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useOrgUid } from '../console';
import { useNames } from '../names';
import type { Job } from './jobs';

/** “Backup of documents”, “Verify of main”: what it is, and of what. */
export function useJobTitle(): (job: Job) => string {
  const text = useAdminText();
  const names = useNames(useOrgUid());
  return (job) => {
    const kind = text(`job.kind.${job.kind}`);
    const of = names.source(job.source) ?? names.repository(job.repository);
    return of ? `${kind} · ${of}` : kind;
  };
}

/** What came of it, in a few words: what was added, forgotten, found; or why it failed. */
export function useJobResult(): (job: Job) => string {
  const text = useAdminText();
  const format = useFormat();
  return ({ kind, outcome }) => {
    if (!outcome || outcome.outcome === 'cancelled') return '';
    if (outcome.outcome === 'failed') return outcome.text;
    const counts = outcome.counts;
    if (!counts) return '';
    const problems = counts.problems ? [text('job.result.problems', { n: counts.problems })] : [];
    return [resultOf(kind, counts), ...problems].filter(Boolean).join(' · ');
  };

  function resultOf(kind: Job['kind'], counts: Schemas['Counts']): string {
    switch (kind) {
      case 'backup':
        return text('job.result.backup', {
          added: format.size(counts.bytes_added ?? 0),
          changed: (counts.files_new ?? 0) + (counts.files_changed ?? 0),
        });
      case 'restore':
        return text('job.result.restored', { n: counts.files_new ?? 0 });
      case 'forget':
        return text('job.result.forgotten', { n: counts.snapshots_forgotten ?? 0 });
      case 'prune':
        return text('job.result.removed', { size: format.size(counts.bytes_removed ?? 0) });
      case 'verify':
        return text('job.result.verified', { n: counts.packs ?? 0 });
      case 'catalog':
        return text('count.snapshots', { n: counts.snapshots ?? 0 });
      case 'copy':
        return text('job.result.copied', { n: counts.snapshots ?? 0 });
      case 'mirror':
        return text('job.result.mirrored', { size: format.size(counts.bytes_written ?? 0) });
      case 'legal_hold':
        return text(counts.snapshots ? 'job.result.held' : 'job.result.letGo', { n: counts.packs ?? 0 });
    }
  }
}
