import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Facts } from '../parts/Facts';

const NUMBERS = [
  'files_new',
  'files_changed',
  'files_unmodified',
  'dirs',
  'snapshots',
  'snapshots_forgotten',
  'packs',
  'packs_removed',
  'problems',
] as const;
const SIZES = ['bytes_processed', 'bytes_added', 'bytes_written', 'bytes_removed'] as const;

/** How much a job did. What is nothing is left out: it does not belong to this kind of job. */
export function Counts({ kind, counts }: { kind: Schemas['JobKind']; counts: Schemas['Counts'] }) {
  const text = useAdminText();
  const format = useFormat();
  const facts = [
    ...NUMBERS.map((name) => ({
      // What a snapshot needs is packs and the files that name them.
      name: text(kind === 'legal_hold' && name === 'packs' ? 'counts.files' : `counts.${name}`),
      value: counts[name] ? format.number(counts[name]) : null,
    })),
    ...SIZES.map((name) => ({
      name: text(`counts.${name}`),
      value: counts[name] ? format.size(counts[name]) : null,
    })),
  ];
  if (facts.every(({ value }) => value === null)) return <p>{text('job.counts.none')}</p>;
  return <Facts facts={facts} />;
}
