//! Commands and limits in a sentence each.
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { commandLine } from './wizard/command';

/** “Before it: dump --all, at most 10 min; if it fails, the backup is not taken.” */
export function useHookWords(): (hook: Schemas['Hook']) => string {
  const text = useAdminText();
  const format = useFormat();
  return ({ when, command, timeout_seconds: seconds, on_failure = 'fail' }) =>
    [
      `${text(`hook.when.${when}`)}: ${commandLine(command)}`,
      seconds && text('hook.atMost', { time: format.duration(seconds) }),
      text(`hook.onFailure.${on_failure}`),
    ]
      .filter(Boolean)
      .join('; ');
}

/** What a plan is held to; nothing where nothing is limited. */
export function useLimitsWords(): (limits: Schemas['Limits'] | undefined) => string[] {
  const text = useAdminText();
  const format = useFormat();
  const rates = (
    limits: Pick<Schemas['BandwidthRule'], 'upload_bytes_per_second' | 'download_bytes_per_second'>,
  ) => {
    const { upload_bytes_per_second: up, download_bytes_per_second: down } = limits;
    return [
      up != null && text('limits.up', { rate: format.rate(up) }),
      down != null && text('limits.down', { rate: format.rate(down) }),
    ].filter((one) => one !== false);
  };
  return (limits) => {
    if (!limits) return [];
    const ruled = (limits.bandwidth ?? []).map((rule) => {
      const { from, to, days = [] } = rule.during;
      const when = [...days.map((day) => text(`day.short.${day}`)), `${from}–${to}`].join(' ');
      return `${when}: ${rates(rule).join(', ') || text('limits.none')}`;
    });
    return [
      ...ruled,
      ...rates(limits),
      limits.nice != null && text('limits.nice', { n: limits.nice }),
      limits.io_class != null && text(`wizard.limits.io.${limits.io_class}`),
      limits.duration_minutes_max != null &&
        text('limits.minutes', { time: format.duration(limits.duration_minutes_max * 60) }),
    ].filter((one) => one !== false);
  };
}
