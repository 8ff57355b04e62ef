import { expect, test } from 'vitest';
import { cell, csvOf } from './csv';

test('a name that a table would run is only a name', () => {
  expect(cell('=HYPERLINK("http://elsewhere.example")')).toBe(`"'=HYPERLINK(""http://elsewhere.example"")"`);
});

test('a line has all its columns', () => {
  const line = { change: 'added', path: '/a, b', after: { kind: 'file', size: 3 } } as const;
  expect(csvOf([line]).split('\r\n')[1]).toBe('"added","/a, b","","","3","",""');
});
