import type { Schemas } from '../../api/types';
import type { AuditState } from '../../routes/adminKeep';
import { afterDay, fromDay } from '../days';

export type Entry = Schemas['AuditBody'];

/** What is asked for, of what is in the page's address. */
export function auditQuery(state: AuditState) {
  const { who, action, resource, resource_uid, outcome } = state;
  return {
    ...(who && { who }),
    ...(action !== 'any' && { action }),
    ...(resource && { resource }),
    ...(resource_uid && { resource_uid }),
    ...(outcome !== 'any' && { outcome }),
    ...daysOf(state),
  };
}

/** The days that are chosen, as times. */
export function daysOf({ since, until }: Pick<AuditState, 'since' | 'until'>) {
  const before = afterDay(until);
  return { ...fromDay(since), ...(before && { until: before }) };
}

/** A plain link: the browser saves what comes, however long it is. */
export function exportLink(org: string, format: 'csv' | 'json', state: AuditState): string {
  return `/api/v1/orgs/${org}/audit/export?${new URLSearchParams({ format, ...daysOf(state) })}`;
}
