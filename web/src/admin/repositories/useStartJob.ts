import { useRef } from 'react';
import { api, ask, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useChange } from '../parts/useChange';

/** Makes a job; what the dialog it is asked in sends twice is made once. */
export function useStartJob(org: string): (spec: Schemas['JobSpec']) => Promise<Schemas['JobBody']> {
  const text = useAdminText();
  const change = useChange(org);
  const key = useRef(newKey());
  return async (spec) => {
    const job = await change(
      () =>
        ask(() =>
          api.POST('/api/v1/orgs/{org}/jobs', {
            params: { path: { org } },
            body: { spec },
            headers: key.current,
          }),
        ),
      text('upkeep.started'),
      ['jobs'],
    );
    key.current = newKey();
    return job;
  };
}
