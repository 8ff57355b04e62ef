import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, ask } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { filed } from '../keys';

export type Person = Schemas['UserBody'];

/** Everybody of an organization, or, without one, everybody who runs the installation. */
export const peopleQuery = (org: string | null) =>
  queryOptions({
    queryKey: filed(org, 'users', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() =>
          org === null
            ? api.GET('/api/v1/users', { params: { query }, signal })
            : api.GET('/api/v1/orgs/{org}/users', { params: { path: { org }, query }, signal }),
        ),
      ),
    staleTime: 60_000,
  });

export interface People {
  all: readonly Person[] | undefined;
  /** What somebody is called; a uid of nobody we know, and the name of a part of the server, stay as they are. */
  nameOf: (who: string) => string;
}

export function usePeople(org: string | null): People {
  const { data } = useQuery(peopleQuery(org));
  return useMemo(() => {
    const names = new Map((data ?? []).map((person) => [person.uid, person.name]));
    return { all: data, nameOf: (who) => names.get(who.replace(/^user[ :]/, '')) ?? who };
  }, [data]);
}
