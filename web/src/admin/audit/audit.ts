import type { Schemas } from '../../api/types';
import type { AuditState } from '../../routes/adminKeep';
import { afterDay, fromDay } from '../days';

export type Entry = Schemas['AuditBody'];

/** What is asked for, of what is in the page's address. */
export function auditQuery(state: AuditState) {
  const { who, action, resource, resource_uid, outcome, since, until } = state;
  const before = afterDay(until);
  return {
    ...(who && { who }),
    ...(action !== 'any' && { action }),
    ...(resource && { resource }),
    ...(resource_uid && { resource_uid }),
    ...(outcome !== 'any' && { outcome }),
    ...fromDay(since),
    ...(before && { until: before }),
  };
}

/** A plain link: the browser saves what comes, however long it is. What is shown is what is saved. */
export function exportLink(org: string | null, format: 'csv' | 'json', state: AuditState): string {
  const of = org === null ? '/api/v1/audit/export' : `/api/v1/orgs/${org}/audit/export`;
  return `${of}?${new URLSearchParams({ format, ...auditQuery(state) })}`;
}
