//! A plan that is being written survives a reload: it is kept in the tab, for its organization.
import { safeParse } from 'valibot';
import { type Draft, draftSchema } from './draft';

const keyOf = (org: string) => `bygone.plan-draft.${org}`;

export function keepDraft(org: string, draft: Draft): void {
  try {
    sessionStorage.setItem(keyOf(org), JSON.stringify(draft));
  } catch {
    // Storage may be refused: then it lives as long as the page.
  }
}

/** Null, too, when it was written by another version of this page, whose form had other fields. */
export function keptDraft(org: string): Draft | null {
  try {
    const draft: unknown = JSON.parse(sessionStorage.getItem(keyOf(org)) ?? 'null');
    if (typeof draft !== 'object' || draft === null) return null;
    const checked = safeParse(draftSchema, draft);
    const hasOtherFields = checked.issues?.some(
      ({ kind, input }) => kind === 'schema' && input === undefined,
    );
    return hasOtherFields ? null : (draft as Draft);
  } catch {
    return null;
  }
}

export function dropDraft(org: string): void {
  try {
    sessionStorage.removeItem(keyOf(org));
  } catch {
    // There is nothing to drop then.
  }
}
