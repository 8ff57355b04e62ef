import { expect, test } from 'vitest';
import { growthOf } from './growth';
import type { Usage } from './repositories';

const at = (day: number, stored_bytes: number): Usage => ({
  measured_at: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
  stored_bytes,
  plain_bytes: 0,
  restored_bytes: 0,
  snapshots: 0,
  packs: 0,
  blobs: 0,
});

test('one measurement says nothing about growth', () => {
  expect(growthOf([at(0, 10)], 100)).toBeNull();
});

test('the last week counts, not what was before', () => {
  expect(growthOf([at(0, 0), at(10, 100), at(17, 170)], null)).toEqual({ bytesPerWeek: 70, fullOn: null });
});

test('a repository that grows 70 bytes a week has room for 30 bytes more: three days', () => {
  const growth = growthOf([at(10, 100), at(17, 170)], 200);
  expect(growth?.fullOn?.toISOString().slice(0, 10)).toBe('2026-01-21');
});

test('what shrinks is never full', () => {
  expect(growthOf([at(0, 100), at(3, 50)], 200)?.fullOn).toBeNull();
});
