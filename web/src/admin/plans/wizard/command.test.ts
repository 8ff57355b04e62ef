import { expect, test } from 'vitest';
import { commandLine, partsOf } from './command';

test.each([
  ['/usr/bin/pg_dump  --all', ['/usr/bin/pg_dump', '--all']],
  [`sh -c 'sync && echo "done"'`, ['sh', '-c', 'sync && echo "done"']],
  [`"C:\\\\Program Files\\\\x.exe" C:\\data`, ['C:\\Program Files\\x.exe', 'C:\\data']],
  [`a\\ b ''`, ['a b', '']],
  ['', []],
])('%s is read', (written, parts) => expect(partsOf(written)).toEqual(parts));

test('a quote that is not closed is no command', () => {
  expect(partsOf(`sh -c 'sync`)).toBeNull();
});

test.each([
  [['sync']],
  [['sh', '-c', `echo "it's"\nsync`]],
  [['C:\\Program Files\\x.exe', '', 'a b', "'", '"', '\\', '\\"', "\\'"]],
])('%j survives being written', (parts) => expect(partsOf(commandLine(parts))).toEqual(parts));
