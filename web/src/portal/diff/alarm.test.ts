import { expect, test } from 'vitest';
import { alarmOf } from './alarm';
import type { Line } from './useDiff';

const file = { kind: 'file', size: 1 } as Line['before'];
const many = (count: number, change: Line['change'], name: (n: number) => string): Line[] =>
  Array.from({ length: count }, (_, n) => ({ change, path: name(n), before: file, after: file }) as Line);

test('files that got one ending more are said to be encrypted', () => {
  const lines = [
    ...many(400, 'removed', (n) => `/docs/${n}.docx`),
    ...many(390, 'added', (n) => `/docs/${n}.docx.lockd`),
    ...many(20, 'added', (n) => `/docs/new ${n}.txt`),
  ];
  expect(alarmOf(lines)).toEqual({ kind: 'encrypted', count: 390, ending: '.lockd' });
});

test('many that went are said', () =>
  expect(alarmOf(many(120, 'removed', (n) => `/docs/${n}.docx`))).toEqual({ kind: 'removed', count: 120 }));

test('a day like any other is not', () =>
  expect(
    alarmOf([...many(30, 'removed', (n) => `/a/${n}`), ...many(900, 'changed', (n) => `/b/${n}`)]),
  ).toBeNull());
