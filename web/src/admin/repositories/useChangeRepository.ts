import { api, ask } from '../../api/client';
import { isProblem } from '../../api/problem';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useErrorText } from '../../ui/ErrorView';
import { useTell } from '../../ui/Toast';
import { useChange } from '../parts/useChange';

interface How {
  /** A refusal is told, and not thrown: for buttons without a form around them. */
  isTold?: boolean;
}

/** Changes a repository as its author saw it: what somebody else changed meanwhile is not overwritten. */
export function useChangeRepository(org: string, repository: string, tag: string) {
  const text = useAdminText();
  const tell = useTell();
  const errorText = useErrorText();
  const change = useChange(org);
  return async (body: Schemas['RepositoryChangeBody'], done: string, { isTold = false }: How = {}) => {
    try {
      await change(
        () =>
          ask(() =>
            api.PATCH('/api/v1/orgs/{org}/repositories/{repository}', {
              params: { path: { org, repository }, header: { 'If-Match': tag } },
              body,
            }),
          ),
        done,
        ['repositories'],
      );
    } catch (error) {
      const said = isProblem(error, 'precondition_failed') ? new Error(text('error.stale')) : error;
      if (!isTold) throw said;
      tell('bad', said === error ? errorText(error) : text('error.stale'));
    }
  };
}
