//! How much of a machine a plan may use, as a form has it, and as the server takes it.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { countOrNot, say } from '../../form/schema';
import { newWindow, windowDraftOf, windowEntries, windowOf } from './window';

type Limits = Schemas['Limits'];
const MEGABYTE = 1e6;
/** Bytes a second below which a backup would never end; the server refuses less. */
const LEAST = 1_024;
const NICE_MAX = 19;
export const BANDWIDTH_RULES_MAX = 20;

/** Megabytes a second, or nothing: no limit. */
const rate = () =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^(\d+([.,]\d+)?)?$/, say('form.amount')),
    v.check((written) => written === '' || (bytesOf(written) ?? 0) >= LEAST, say('wizard.wrong.rate')),
  );

export const limitsSchema = v.object({
  upload: rate(),
  download: rate(),
  bandwidth: v.array(v.object({ ...windowEntries, upload: rate(), download: rate() })),
  nice: countOrNot(NICE_MAX),
  io: v.picklist(['any', 'best-effort', 'idle']),
  minutes: v.pipe(v.string(), v.trim(), v.regex(/^([1-9]\d{0,5})?$/, say('form.count'))),
});
export type LimitsDraft = v.InferInput<typeof limitsSchema>;

export const newLimits = (): LimitsDraft => ({
  upload: '',
  download: '',
  bandwidth: [],
  nice: '',
  io: 'any',
  minutes: '',
});

export const newBandwidth = (): LimitsDraft['bandwidth'][number] => ({
  ...newWindow(),
  from: '08:00',
  to: '18:00',
  upload: '1',
  download: '',
});

export const limitsDraftOf = (limits: Limits | undefined): LimitsDraft => ({
  upload: written(limits?.upload_bytes_per_second),
  download: written(limits?.download_bytes_per_second),
  bandwidth: (limits?.bandwidth ?? []).map((rule) => ({
    ...windowDraftOf(rule.during),
    upload: written(rule.upload_bytes_per_second),
    download: written(rule.download_bytes_per_second),
  })),
  nice: limits?.nice == null ? '' : String(limits.nice),
  io: limits?.io_class ?? 'any',
  minutes: limits?.duration_minutes_max == null ? '' : String(limits.duration_minutes_max),
});

export const limitsOf = (draft: LimitsDraft): Limits => ({
  upload_bytes_per_second: bytesOf(draft.upload),
  download_bytes_per_second: bytesOf(draft.download),
  bandwidth: draft.bandwidth.map(({ upload, download, ...during }) => ({
    during: windowOf(during),
    upload_bytes_per_second: bytesOf(upload),
    download_bytes_per_second: bytesOf(download),
  })),
  nice: numberOf(draft.nice),
  io_class: draft.io === 'any' ? null : draft.io,
  duration_minutes_max: numberOf(draft.minutes),
});

const written = (bytes: number | null | undefined): string => (bytes == null ? '' : String(bytes / MEGABYTE));
const numberOf = (text: string): number | null => (text.trim() === '' ? null : Number(text));

function bytesOf(text: string): number | null {
  const amount = numberOf(text.replace(',', '.'));
  return amount === null ? null : Math.round(amount * MEGABYTE);
}
