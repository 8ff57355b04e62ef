import { useMemo } from 'react';
import { type AdminWords, useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from '../../routes/adminKeep';
import type { GridColumn } from '../../ui/grid/VGrid';
import { Status, type Tone } from '../../ui/Status';
import { NOUNS, ROLES } from '../rights';
import type { People } from '../users/people';
import type { Entry } from './audit';

const TONES: Record<(typeof AUDIT_OUTCOMES)[number], Tone> = { done: 'good', refused: 'warn', failed: 'bad' };

/** Words for what the log names; what we do not know yet stays as the server wrote it. */
export function useAuditWords() {
  const text = useAdminText();
  return useMemo(() => {
    const say = text as (key: keyof AdminWords) => string;
    const known = <T extends string>(all: readonly T[], value: string) => all.find((one) => one === value);
    return {
      /** Somebody who is not of the organization is told by what they are to it. */
      who: (entry: Entry, people: People) => {
        const name = people.nameOf(entry.who);
        const role = known(ROLES, entry.role);
        return name === entry.who && entry.who_kind === 'user' && role ? say(`role.${role}`) : name;
      },
      role: (role: string) => {
        const one = known(ROLES, role);
        return one ? say(`role.${one}`) : role;
      },
      action: (action: string) => {
        const one = known(AUDIT_ACTIONS, action);
        return one ? say(`audit.action.${one}`) : action;
      },
      resource: (resource: string) => {
        const one = known(NOUNS, resource);
        return one ? say(`noun.${one}`) : resource;
      },
      outcome: (outcome: string) => {
        const one = known(AUDIT_OUTCOMES, outcome);
        return (
          <Status tone={one ? TONES[one] : 'neutral'}>{one ? say(`audit.outcome.${one}`) : outcome}</Status>
        );
      },
    };
  }, [text]);
}

export function useAuditColumns(people: People): GridColumn<Entry>[] {
  const text = useAdminText();
  const format = useFormat();
  const words = useAuditWords();
  return [
    { id: 'at', head: text('audit.at'), width: '150px', cell: (row) => format.dateTime(row.at) },
    {
      id: 'who',
      head: text('audit.who'),
      width: 'minmax(110px, 1fr)',
      cell: (row) => words.who(row, people),
    },
    {
      id: 'action',
      head: text('audit.action'),
      width: '120px',
      cell: (row) => words.action(row.action),
    },
    {
      id: 'resource',
      head: text('audit.resource'),
      width: 'minmax(120px, 1fr)',
      isExtra: true,
      cell: (row) => words.resource(row.resource),
    },
    {
      id: 'which',
      head: text('audit.which'),
      width: 'minmax(120px, 1.4fr)',
      isExtra: true,
      cell: (row) => whichOf(row) ?? <code>{row.resource_uid.slice(0, 13)}</code>,
    },
    {
      id: 'outcome',
      head: text('audit.outcome'),
      width: '130px',
      isExtra: true,
      cell: (row) => words.outcome(row.outcome),
    },
    {
      id: 'from',
      head: text('audit.address'),
      width: '130px',
      isExtra: true,
      cell: (row) => row.address ?? '–',
    },
  ];
}

/** What a thing was called, where the entry says it. */
export function whichOf({ details }: Entry): string | null {
  const told = details as Record<string, unknown>;
  for (const key of ['name', 'email', 'title', 'path', 'case', 'location']) {
    const value = told[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}
