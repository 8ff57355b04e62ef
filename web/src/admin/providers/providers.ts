//! Providers of identities: of an organization, or, without one, of the installation.
import { queryOptions } from '@tanstack/react-query';
import { api, ask, askTagged } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { filed } from '../keys';

export type Provider = Schemas['ProviderBody'];
type Org = string | null;

export const providersQuery = (org: Org) =>
  queryOptions({
    queryKey: filed(org, 'providers'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() =>
          org === null
            ? api.GET('/api/v1/providers', { params: { query }, signal })
            : api.GET('/api/v1/orgs/{org}/providers', { params: { path: { org }, query }, signal }),
        ),
      ),
  });

/** Makes a provider, or puts other settings in the place of one's. */
export function keepProvider(
  org: Org,
  provider: string | undefined,
  body: Schemas['ProviderSettingsBody'],
  headers: HeadersInit,
): Promise<Provider> {
  if (provider !== undefined) return changeProvider(org, provider, body);
  return ask(() =>
    org === null
      ? api.POST('/api/v1/providers', { body, headers })
      : api.POST('/api/v1/orgs/{org}/providers', { params: { path: { org } }, body, headers }),
  );
}

async function changeProvider(org: Org, provider: string, body: Schemas['ProviderSettingsBody']) {
  const { tag } = await askTagged(() =>
    org === null
      ? api.GET('/api/v1/providers/{provider}', { params: { path: { provider } } })
      : api.GET('/api/v1/orgs/{org}/providers/{provider}', { params: { path: { org, provider } } }),
  );
  const header = { 'If-Match': tag };
  return ask(() =>
    org === null
      ? api.PUT('/api/v1/providers/{provider}', { params: { path: { provider }, header }, body })
      : api.PUT('/api/v1/orgs/{org}/providers/{provider}', {
          params: { path: { org, provider }, header },
          body,
        }),
  );
}

export const removeProvider = (org: Org, provider: string) =>
  ask(() =>
    org === null
      ? api.DELETE('/api/v1/providers/{provider}', { params: { path: { provider } } })
      : api.DELETE('/api/v1/orgs/{org}/providers/{provider}', { params: { path: { org, provider } } }),
  );
