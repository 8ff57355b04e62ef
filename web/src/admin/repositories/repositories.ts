import { queryOptions } from '@tanstack/react-query';
import { api, ask, askTagged } from '../../api/client';
import type { Schemas } from '../../api/types';
import { ofOrg } from '../keys';

export type Repository = Schemas['RepositoryBody'];
export type Usage = Schemas['UsageBody'];
export type GatewayCredential = Schemas['GatewayCredentialBody'];
export type RepositoryKey = Schemas['KeyBody'];
export type MadeRepositoryKey = Schemas['MadeKeyBody'];
export type Kept = Schemas['KeptBody'];

/** How fast a storage answers. */
export const CLASSES = ['hot', 'warm', 'cold'] as const;
export type StorageClass = (typeof CLASSES)[number];

/** How fast the storage answers; a class that is not known yet counts as one that answers at once. */
export const classOf = (repository: Repository): StorageClass =>
  CLASSES.find((one) => one === repository.class) ?? 'hot';

/** How agents reach a repository: through this server, or themselves, with what opens the storage. */
export const ROUTES = ['gateway', 'direct'] as const;

export const routeOf = (repository: Repository): (typeof ROUTES)[number] =>
  ROUTES.find((one) => one === repository.agent_route) ?? 'gateway';

/** One repository, with the tag that a change of it sends. */
export const repositoryQuery = (org: string, repository: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'repositories', 'one', repository),
    queryFn: ({ signal }) =>
      askTagged(() =>
        api.GET('/api/v1/orgs/{org}/repositories/{repository}', {
          params: { path: { org, repository } },
          signal,
        }),
      ),
  });

/** Days of usage that are drawn. */
export const USAGE_DAYS = 365;

/** What a repository held, the oldest first. */
export const usageQuery = (org: string, repository: string, days = USAGE_DAYS) =>
  queryOptions({
    queryKey: ofOrg(org, 'usage', repository, days),
    queryFn: async ({ signal }) => {
      const usage = await ask(() =>
        api.GET('/api/v1/orgs/{org}/repositories/{repository}/usage', {
          params: { path: { org, repository }, query: { days } },
          signal,
        }),
      );
      return usage.toReversed();
    },
  });

/** Which passwords open a repository. To tell which one is the server's, the server tries its own. */
export const keysQuery = (org: string, repository: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'repository-keys', repository),
    queryFn: async ({ signal }) => {
      const { items } = await ask(() =>
        api.GET('/api/v1/orgs/{org}/repositories/{repository}/keys', {
          params: { path: { org, repository } },
          signal,
        }),
      );
      return items;
    },
    staleTime: 60_000,
  });

/** What the storage of a repository keeps from being removed, file by file. */
export const immutableQuery = (org: string, repository: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'worm', repository),
    queryFn: ({ signal }) =>
      ask(() =>
        api.GET('/api/v1/orgs/{org}/repositories/{repository}/worm', {
          params: { path: { org, repository } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Which repositories are mirrored where, and how old each mirror is. */
export const mirrorsQuery = (org: string) =>
  queryOptions({
    queryKey: ofOrg(org, 'mirrors'),
    queryFn: async ({ signal }) => {
      const { items } = await ask(() =>
        api.GET('/api/v1/orgs/{org}/mirrors', { params: { path: { org } }, signal }),
      );
      return items;
    },
  });
