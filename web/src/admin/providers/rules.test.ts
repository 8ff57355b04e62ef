import { expect, test } from 'vitest';
import { rulesOf, written } from './rules';

const orgs = [{ uid: 'u1', name: 'acme' }];

test('rules of an organization survive being written', () => {
  const text = 'backup admins = admin\n* = user';
  const rules = rulesOf(text, null);
  expect(rules).toEqual([
    { group: 'backup admins', role: 'admin' },
    { group: '*', role: 'user' },
  ]);
  expect(written(rules ?? [], null)).toBe(text);
});

test('rules of the installation name the organization', () => {
  const text = 'ops = root\nacme-it = operator @ acme';
  expect(written(rulesOf(text, orgs) ?? [], orgs)).toBe(text);
});

test('what cannot be is refused as a whole', () => {
  const wrong = ['', 'nobody', 'a = king', 'a = root', 'a = user @ acme'].map((text) => rulesOf(text, null));
  expect(wrong).toEqual([null, null, null, null, null]);
  expect([rulesOf('a = user', orgs), rulesOf('a = user @ nowhere', orgs)]).toEqual([null, null]);
});
