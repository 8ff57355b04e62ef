import { expect, test } from 'vitest';
import { codec, count, flag, oneOf, text } from './codec';

const browse = codec({
  at: text(),
  p: text('/'),
  deleted: flag(true),
  sort: oneOf('name', 'size'),
  row: count(0),
});

test('what is as by default is left out', () => {
  expect(browse.write({ at: '', p: '/', deleted: true, sort: 'name', row: 0 })).toBe('');
});

test('a state survives the address', () => {
  const state = {
    at: '2026-09-17T15:02:00Z',
    p: '/Документы/a & b',
    deleted: false,
    sort: 'size',
    row: 7,
  } as const;
  expect(browse.read(browse.write(state))).toEqual(state);
});

test('what nobody wrote so is read as the default', () => {
  expect(browse.read('?sort=upside-down&row=-1&more=1')).toEqual({
    at: '',
    p: '/',
    deleted: true,
    sort: 'name',
    row: 0,
  });
});
