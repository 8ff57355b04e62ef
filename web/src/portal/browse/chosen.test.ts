import { expect, test } from 'vitest';
import { byTime, type Item } from './chosen';

const item = (name: string, at: string): Item => ({ address: `/${name}`, name, kind: 'file', size: 1, at });

test('what is of several times is told apart, the time of most of it first', () => {
  const gone = item('gone.txt', 'a');
  const here = [item('one.txt', 'b'), item('two.txt', 'b')];
  expect(byTime([gone, ...here])).toEqual([here, [gone]]);
  expect(byTime([])).toEqual([]);
});
