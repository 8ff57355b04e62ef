import { expect, test } from 'vitest';
import { tagsOf } from './tags';

test('what we write into tags is told apart from what people write', () => {
  const tags = ['nightly', 'plan:01a1', 'hold:case=2026-17;reason=court'];
  expect(tagsOf(tags)).toEqual({ own: ['nightly'], plan: '01a1' });
});

test('a snapshot of stock restic is of no plan', () => {
  expect(tagsOf(['holder'])).toEqual({ own: ['holder'], plan: null });
});
