//! What a plan leaves out, and how it reads and writes the rest, as a form has it, and as the server takes it.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { countOrNot, say } from '../../form/schema';
import { linesIn, linesOf } from './lines';

type Options = Schemas['CaptureOptions'];
export const COMPRESSIONS = ['off', 'fastest', 'auto', 'better', 'max'] as const;
/** What is only said yes or no to, under the server's own names. */
export const LEAVING = ['exclude_caches', 'one_file_system', 'gitignore', 'skip_if_unchanged'] as const;
export const READING = ['force', 'ignore_ctime', 'ignore_inode', 'with_atime'] as const;
type Flag = (typeof LEAVING)[number] | (typeof READING)[number];
const FLAGS: readonly Flag[] = [...LEAVING, ...READING];
const LISTS = ['include', 'exclude', 'iexclude', 'exclude_files', 'exclude_if_present'] as const;
const MEGABYTE = 1e6;
const READS_MAX = 256;

export const captureSchema = v.object({
  include: v.string(),
  exclude: v.string(),
  iexclude: v.string(),
  exclude_files: v.string(),
  exclude_if_present: v.string(),
  largerThan: v.pipe(v.string(), v.trim(), v.regex(/^(\d+([.,]\d+)?)?$/, say('form.amount'))),
  compression: v.picklist(COMPRESSIONS),
  pack: v.pipe(
    v.string(),
    v.trim(),
    v.check((written) => written === '' || isPack(Number(written)), say('wizard.wrong.pack')),
  ),
  reads: countOrNot(READS_MAX),
  flags: v.object(
    Object.fromEntries(FLAGS.map((flag) => [flag, v.boolean()])) as Record<Flag, v.BooleanSchema<undefined>>,
  ),
});
export type CaptureDraft = v.InferInput<typeof captureSchema>;

const isPack = (mib: number) => Number.isInteger(mib) && mib >= 4 && mib <= 128;

export function captureDraftOf(options: Partial<Options> | undefined): CaptureDraft {
  const lists = Object.fromEntries(LISTS.map((list) => [list, linesOf(options?.[list])]));
  const flags = Object.fromEntries(FLAGS.map((flag) => [flag, options?.[flag] ?? false]));
  return {
    ...(lists as Record<(typeof LISTS)[number], string>),
    flags: flags as Record<Flag, boolean>,
    largerThan: options?.exclude_larger_than == null ? '' : String(options.exclude_larger_than / MEGABYTE),
    compression: options?.compression ?? 'auto',
    pack: options?.pack_size_mib == null ? '' : String(options.pack_size_mib),
    reads: options?.read_concurrency == null ? '' : String(options.read_concurrency),
  };
}

export function captureOf(draft: CaptureDraft): Options {
  const lists = Object.fromEntries(LISTS.map((list) => [list, linesIn(draft[list])]));
  return {
    ...(lists as Record<(typeof LISTS)[number], string[]>),
    ...draft.flags,
    exclude_larger_than: draft.largerThan
      ? Math.round(Number(draft.largerThan.replace(',', '.')) * MEGABYTE)
      : null,
    compression: draft.compression,
    pack_size_mib: draft.pack ? Number(draft.pack) : null,
    read_concurrency: draft.reads ? Number(draft.reads) : null,
  };
}
