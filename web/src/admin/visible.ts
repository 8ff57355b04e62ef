import { useMemo } from 'react';
import { useMe } from '../api/me';
import { type Area, areas, type Scope } from './areas';

/** The areas that whoever is signed in finds: what one may not see is not offered. */
export function useAreas(scope: Scope): readonly Area[] {
  const { user } = useMe();
  return useMemo(
    () => areas.filter((area) => area.scope === scope && area.roles.includes(user.role)),
    [scope, user.role],
  );
}
