import { expect, test } from 'vitest';
import type { Schemas } from '../../api/types';
import { needsOf } from './needs';
import type { SourceProtection } from './protection';

const NOW = Date.parse('2026-11-20T12:00:00Z');

const source = (name: string, state: string): SourceProtection => ({
  source: name,
  name,
  agent: 'a',
  agent_name: 'pc',
  plans: [],
  state,
});

const repository = (name: string, more: Partial<Schemas['RepositoryBody']> = {}) =>
  ({
    uid: name,
    name,
    stored_bytes: 1,
    created_at: '2026-01-01T00:00:00Z',
    ...more,
  }) as Schemas['RepositoryBody'];

test('what is broken comes before what is late, and what is well is not told', () => {
  const sources = [source('late', 'late'), source('well', 'protected'), source('failed', 'failed')];
  const needs = needsOf({ sources, verified: [] }, [repository('r', { fault: 'it is full' })], [], NOW);
  expect(needs.map(({ kind }) => kind)).toEqual(['fault', 'failed', 'late']);
});

test('a repository of a month that was never verified is told, a new one is not', () => {
  const verified = [
    { repository: 'old', name: 'old', last: null },
    { repository: 'new', name: 'new', last: null },
  ];
  const repositories = [repository('old'), repository('new', { created_at: '2026-11-19T00:00:00Z' })];
  const needs = needsOf({ sources: [], verified }, repositories, [], NOW);
  expect(needs).toEqual([{ kind: 'verifyOld', verified: verified[0] }]);
});
