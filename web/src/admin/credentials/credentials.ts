import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type StorageCredential = Schemas['StorageCredentialBody'];

/** All of an organization's: there are a few. */
export const credentialsQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'storage-credentials'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() =>
          api.GET('/api/v1/orgs/{org}/storage-credentials', { params: { path: { org }, query }, signal }),
        ),
      ),
  });
