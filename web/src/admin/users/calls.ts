//! What is done to a person: of an organization, or, without one, of those who run the installation.
import { api, ask, askTagged } from '../../api/client';
import type { Schemas } from '../../api/types';

type Org = string | null;

export const getPerson = (org: Org, user: string, signal?: AbortSignal) => {
  const rest = signal ? { signal } : {};
  return askTagged(() =>
    org === null
      ? api.GET('/api/v1/users/{user}', { params: { path: { user } }, ...rest })
      : api.GET('/api/v1/orgs/{org}/users/{user}', { params: { path: { org, user } }, ...rest }),
  );
};

export const changePerson = (org: Org, user: string, tag: string, body: Schemas['UserChangeBody']) =>
  ask(() =>
    org === null
      ? api.PATCH('/api/v1/users/{user}', {
          params: { path: { user }, header: { 'If-Match': tag } },
          body,
        })
      : api.PATCH('/api/v1/orgs/{org}/users/{user}', {
          params: { path: { org, user }, header: { 'If-Match': tag } },
          body,
        }),
  );

export const removePerson = (org: Org, user: string) =>
  ask(() =>
    org === null
      ? api.DELETE('/api/v1/users/{user}', { params: { path: { user } } })
      : api.DELETE('/api/v1/orgs/{org}/users/{user}', { params: { path: { org, user } } }),
  );

export const askForLink = (org: Org, user: string) =>
  ask(() =>
    org === null
      ? api.POST('/api/v1/users/{user}/password-link', { params: { path: { user } } })
      : api.POST('/api/v1/orgs/{org}/users/{user}/password-link', { params: { path: { org, user } } }),
  );

export const takeSecondFactor = (org: Org, user: string) =>
  ask(() =>
    org === null
      ? api.DELETE('/api/v1/users/{user}/totp', { params: { path: { user } } })
      : api.DELETE('/api/v1/orgs/{org}/users/{user}/totp', { params: { path: { org, user } } }),
  );
