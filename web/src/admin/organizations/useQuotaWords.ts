import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';

/** What an organization may use, in a line. */
export function useQuotaWords(): (quota: Schemas['QuotaBody']) => string {
  const text = useAdminText();
  const format = useFormat();
  return ({ bytes_max, agents_max, jobs_max }) => {
    const said = [
      bytes_max != null && format.size(bytes_max),
      agents_max != null && text('orgs.agents.of', { n: agents_max }),
      jobs_max != null && text('orgs.jobs.of', { n: jobs_max }),
    ].filter((one): one is string => typeof one === 'string');
    return said.length > 0 ? said.join(', ') : text('value.unlimited');
  };
}
