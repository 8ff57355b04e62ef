import { expect, test } from 'vitest';
import matrix from '../../../store/tests/it/snapshots/it__rights__who_may_do_what_is_written_down.snap?raw';
import { RIGHTS } from './rights';

/** The server's table: a noun, a role, and its verbs; those in parentheses are for one's own things only. */
function serversRights(): [noun: string, role: string, verbs: string][] {
  const lines = matrix.split('---').at(-1)?.trim().split('\n') ?? [];
  return lines.map((line) => {
    const found = /^(.{20}) (\w+) *(.*)$/.exec(line);
    const [, noun = '', role = '', verbs = ''] = found ?? [];
    return [noun.trim(), role, verbs.replace(/\(.*\)/, '').trim()];
  });
}

test('the page offers what the server allows, and nothing else', () => {
  const roles = Object.keys(RIGHTS);
  const told = serversRights().filter(([, role]) => roles.includes(role));
  expect(told.length).toBe(roles.length * 21);
  const ours = told.map(([noun, role]) => {
    const verbs = (RIGHTS as Record<string, Record<string, string>>)[role]?.[noun] ?? '';
    return [noun, role, verbs];
  });
  expect(ours).toEqual(told);
});
