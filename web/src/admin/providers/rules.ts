//! Rules as people write them, one a line: `group = role`, or `group = role @ organization` where it is for the installation.
import type { Schemas } from '../../api/types';
import { ROLES, type Role } from '../rights';

export type Rule = Schemas['RuleBody'];

/** Organizations by their names, which stand in rules of the installation. */
export type OrgNames = readonly { uid: string; name: string }[];

/** What is written; null where a line says nothing that can be. */
export function rulesOf(written: string, orgs: OrgNames | null): Rule[] | null {
  const rules: Rule[] = [];
  for (const line of written.split('\n')) {
    if (line.trim() === '') continue;
    const found = /^\s*(.+?)\s*=\s*(\w+)\s*(?:@\s*([a-z0-9-]+)\s*)?$/.exec(line);
    const rule = found && ruleOf(found, orgs);
    if (!rule) return null;
    rules.push(rule);
  }
  return rules.length > 0 ? rules : null;
}

function ruleOf([, group = '', role = '', at]: RegExpExecArray, orgs: OrgNames | null): Rule | null {
  const known: Role | undefined = ROLES.find((one) => one === role);
  if (!known) return null;
  // In an organization everybody is something to it; of the installation, only who runs it.
  if (orgs === null) return known === 'root' || at !== undefined ? null : { group, role: known };
  if (at === undefined) return known === 'root' ? { group, role: known } : null;
  const org = orgs.find((one) => one.name === at);
  return org && known !== 'root' ? { group, role: known, org: org.uid } : null;
}

export const written = (rules: readonly Rule[], orgs: OrgNames | null): string =>
  rules
    .map(({ group, role, org }) => {
      const name = org && orgs?.find((one) => one.uid === org)?.name;
      return `${group} = ${role}${name ? ` @ ${name}` : ''}`;
    })
    .join('\n');
