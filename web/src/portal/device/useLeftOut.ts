import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';

export type LeftOut = Schemas['LeftOutBody'];

/** What a plan leaves out, each thing in a few words. */
export function useLeftOut(): (plan: LeftOut) => string[] {
  const text = usePortalText();
  const format = useFormat();
  return (plan) =>
    [
      ...plan.patterns.filter((pattern) => !pattern.startsWith('!')),
      plan.caches && text('coverage.caches'),
      ...plan.marked.map((name) => text('coverage.marked', { name })),
      plan.larger_than != null && text('coverage.larger', { size: format.size(plan.larger_than) }),
      plan.other_file_systems && text('coverage.otherFileSystems'),
      plan.git_ignored && text('coverage.gitIgnored'),
      ...plan.pattern_files.map((file) => text('coverage.patternFile', { file })),
    ].filter((one) => one !== false);
}
