import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';

export type Device = Schemas['MySourceBody'];

const DEVICES_MAX = 500;

export const devicesQuery = queryOptions({
  queryKey: ['devices'],
  queryFn: async ({ signal }) => {
    const query = { limit: DEVICES_MAX };
    return (await ask(() => api.GET('/portal/v1/sources', { params: { query }, signal }))).items;
  },
  staleTime: 60_000,
});

export const deviceQuery = (source: string) =>
  queryOptions({
    queryKey: ['device', source],
    queryFn: ({ signal }) =>
      ask(() => api.GET('/portal/v1/sources/{source}', { params: { path: { source } }, signal })),
    staleTime: 60_000,
  });

export const useDevice = (source: string): Device => useSuspenseQuery(deviceQuery(source)).data;

/** What of a device is saved, and what its plans leave out. */
export const coverageQuery = (source: string) =>
  queryOptions({
    queryKey: ['coverage', source],
    queryFn: ({ signal }) =>
      ask(() => api.GET('/portal/v1/sources/{source}/coverage', { params: { path: { source } }, signal })),
    staleTime: 300_000,
  });
