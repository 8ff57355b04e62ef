//! Who misses a file sees what is not backed up at all: on the page of the device, and where a search finds nothing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, stage, visit } from './page.mjs';

describe('what is not backed up', () => {
  const on = stage({ before, after });
  before(async () => {
    const { admin, org, sources, repository } = on.world;
    const capture = {
      exclude: ['node_modules', '*.iso'],
      exclude_caches: true,
      exclude_larger_than: 4_000_000_000,
    };
    const spec = { sources: [sources.laptop], repositories: [repository], capture };
    await admin.post(`/api/v1/orgs/${org}/plans`, { name: 'laptops', enabled: true, spec });
  });

  test('is said on the page of a device', () =>
    visit(on, { path: `/d/${on.world.sources.laptop}` }, async (page) => {
      await page.getByRole('heading', { name: 'What is backed up' }).waitFor();
      for (const words of [
        '/home/anna',
        'node_modules',
        '*.iso',
        'folders marked as caches',
        'files over 4 GB',
      ]) {
        await page.getByRole('listitem').filter({ hasText: words }).first().waitFor();
      }
      assert.deepEqual(await faults(page), []);
    }));

  test('is said where a search finds nothing', () =>
    visit(on, { path: '/search?q=debian-12.iso' }, async (page) => {
      await page.getByText(/Not backed up on Anna's laptop: node_modules, \*\.iso/).waitFor();
      await page.getByRole('link', { name: 'All of it' }).click();
      await page.getByRole('heading', { name: 'What is backed up' }).waitFor();
    }));

  test('is not said to who sees a part of the device only', () =>
    visit(on, { path: `/d/${on.world.sources.files}` }, async (page) => {
      await page.getByText('Only who may see the whole device').waitFor();
      assert.equal(await page.getByText('/srv/files', { exact: true }).count(), 0);
    }));
});
