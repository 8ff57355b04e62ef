//! Commands around a backup, as a form has them, and as the server takes them.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { say } from '../../form/schema';
import { commandLine, partsOf } from './command';

type Hook = Schemas['Hook'];
export const HOOK_MOMENTS = ['before', 'after', 'success', 'failure'] as const;
export const ON_HOOK_FAILURE = ['fail', 'go_on'] as const;
export const HOOKS_MAX = 16;
/** As the server has it, where nothing is said. */
const USUAL_SECONDS = 600;
const DAY_SECONDS = 86_400;

export const hookSchema = v.object({
  when: v.picklist(HOOK_MOMENTS),
  command: v.pipe(
    v.string(),
    v.check((written) => (partsOf(written)?.[0] ?? '') !== '', say('wizard.wrong.command')),
  ),
  seconds: v.pipe(
    v.string(),
    v.trim(),
    v.check((written) => /^\d+$/.test(written) && isTime(Number(written)), say('wizard.wrong.seconds')),
  ),
  codes: v.pipe(v.string(), v.trim(), v.regex(/^(-?\d{1,9}([\s,]+-?\d{1,9})*)?$/, say('wizard.wrong.codes'))),
  onFailure: v.picklist(ON_HOOK_FAILURE),
});
export type HookDraft = v.InferInput<typeof hookSchema>;

const isTime = (seconds: number) => seconds >= 1 && seconds <= DAY_SECONDS;

export const newHook = (): HookDraft => ({
  when: 'before',
  command: '',
  seconds: String(USUAL_SECONDS),
  codes: '',
  onFailure: 'fail',
});

export const hookDraftOf = (hook: Hook): HookDraft => ({
  when: hook.when,
  command: commandLine(hook.command),
  seconds: String(hook.timeout_seconds ?? USUAL_SECONDS),
  codes: (hook.allowed_exit_codes ?? []).join(', '),
  onFailure: hook.on_failure ?? 'fail',
});

export const hookOf = ({ when, command, seconds, codes, onFailure }: HookDraft): Hook => ({
  when,
  command: partsOf(command) ?? [],
  timeout_seconds: Number(seconds),
  allowed_exit_codes:
    codes.trim() === ''
      ? []
      : codes
          .trim()
          .split(/[\s,]+/)
          .map(Number),
  on_failure: onFailure,
});
