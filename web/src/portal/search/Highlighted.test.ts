import { expect, test } from 'vitest';
import { nameRanges } from './Highlighted';

test('bytes of a path become letters of a name', () => {
  const path = '/srv/Бухгалтерия/отчет.csv';
  const begin = new TextEncoder().encode('/srv/Бухгалтерия/').length;
  expect(nameRanges({ path, highlights: [[begin, begin + 10]] })).toEqual({
    name: 'отчет.csv',
    ranges: [[0, 5]],
  });
});

test('what fits in a folder above is not marked in the name', () => {
  expect(nameRanges({ path: '/report/a.txt', highlights: [[1, 7]] }).ranges).toEqual([]);
});
