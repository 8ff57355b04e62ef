//! Files go back to a device: checked first, then begun, with what was there kept; also when the device comes later.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { stage, visit } from './page.mjs';

describe('a restore', () => {
  const on = stage({ before, after });
  const folder = '/home/anna/Документы/2026';
  const open = (use, who = 'anna') =>
    visit(on, { who, path: `/d/${on.world.sources.laptop}/browse?p=${folder}` }, async (page) => {
      await page.getByRole('row', { name: /План\.md/ }).waitFor();
      return use(page);
    });
  const choose = (page, name) => page.getByRole('row', { name }).getByRole('checkbox').click({ force: true });
  const here = (name) => readFileSync(join(on.world.home, 'Документы/2026', name));

  test('goes to a new folder, and touches nothing else', () =>
    open(async (page) => {
      await choose(page, /План\.md/);
      await choose(page, /Смета\.csv/);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByText('Nothing was written yet').waitFor();
      assert.deepEqual(readdirSync(on.world.restored), []);
      await page.getByRole('button', { name: 'Restore 2 files' }).click();
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      const [made] = readdirSync(on.world.restored);
      const found = filesBelow(join(on.world.restored, made));
      for (const name of ['План.md', 'Смета.csv']) assert.ok(found.get(name)?.equals(here(name)), name);
      const [report] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Report (CSV)' }).click(),
      ]);
      assert.match(readFileSync(await report.path(), 'utf8'), /План\.md/);
    }));

  test('of files of several times takes one time, which one chooses', () =>
    open(async (page) => {
      const made = () => new Set(readdirSync(on.world.restored));
      const before = made();
      for (const name of [/План\.md/, /Смета\.csv/, /Отчёт за март/]) await choose(page, name);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await page.getByRole('heading', { name: /^Restore 2 items/ }).waitFor();
      await page.getByRole('button', { name: /As it was$/ }).click();
      await page.getByRole('option', { name: / · 1 item$/ }).click();
      await page.getByRole('heading', { name: /^Restore 1 item/ }).waitFor();
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByRole('button', { name: 'Restore 1 file' }).click();
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      const [folder] = [...made()].filter((name) => !before.has(name));
      assert.deepEqual([...filesBelow(join(on.world.restored, folder)).keys()], ['Отчёт за март.txt']);
    }));

  test('shows what is in the way, and keeps both', () => {
    const there = join(on.world.folder, 'there');
    mkdirSync(there);
    writeFileSync(join(there, 'План.md'), 'mine');
    return open(async (page) => {
      await choose(page, /План\.md/);
      await choose(page, /Смета\.csv/);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await page.getByText('Another folder').click();
      await page.getByLabel('Path of the folder on the device').fill(there);
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByRole('heading', { name: '1 file is there already' }).waitFor();
      await page.getByRole('row', { name: /План\.md/ }).waitFor();
      await page.getByRole('button', { name: /^Restore \d+ files?$/ }).click();
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      assert.equal(readFileSync(join(there, 'План.md'), 'utf8'), 'mine');
      assert.ok(readFileSync(join(there, 'Смета.csv')).equals(here('Смета.csv')));
      const beside = readdirSync(there).filter((name) => name.includes('План') && name !== 'План.md');
      assert.equal(beside.length, 1);
      assert.ok(readFileSync(join(there, beside[0])).equals(here('План.md')));
    }, 'admin');
  });

  test('says it when a folder is not for one to write to', () =>
    open(async (page) => {
      await choose(page, /План\.md/);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await page.getByText('Another folder').click();
      await page.getByLabel('Path of the folder on the device').fill('/etc');
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByRole('alert').getByText('You may not put files there').waitFor();
    }));

  test('waits for a device that is away, and begins by itself', () =>
    open(async (page) => {
      await on.world.agent.end();
      await choose(page, /Смета\.csv/);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.waitForURL(/\/restores\//);
      await page.getByText('Checking').first().waitFor();
      on.world.agent = on.world.startAgent();
      await page.getByText('Nothing was written yet').waitFor();
      await page.getByRole('button', { name: 'Cancel the restore' }).click();
      await page.getByText('It was cancelled').waitFor();
      await page.getByRole('link', { name: 'Restores' }).click();
      await page.getByRole('row', { name: /Смета\.csv.*Cancelled/ }).waitFor();
    }));
});

/** The files of a folder, by name. */
function filesBelow(path, found = new Map()) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) filesBelow(join(path, entry.name), found);
    else found.set(entry.name, readFileSync(join(path, entry.name)));
  }
  return found;
}
