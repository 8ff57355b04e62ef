//! A restore on its way: it pauses where it is and goes on from there; and it replaces only when it is told to, and who tells it
//! says first who they are.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PEOPLE, until } from './harness.mjs';
import { MANY } from './history.mjs';
import { stage, visit } from './page.mjs';

/** While it is paused nothing is written for so long. */
const STILL_MS = 1_500;

describe('a restore on its way', () => {
  const on = stage({ before, after });
  const openAs = (who, source, folder, row, use) =>
    visit(on, { who, path: `/d/${on.world.sources[source]}/browse?p=${folder}` }, async (page) => {
      await page.getByRole('row', { name: row }).waitFor();
      await page.getByRole('row', { name: row }).getByRole('checkbox').click({ force: true });
      await page.getByRole('button', { name: 'Restore…' }).click();
      return use(page);
    });

  test('pauses where it is, and goes on to its end', () =>
    openAs('anna', 'files', '/srv/files', /Снимки/, async (page) => {
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByText('Nothing was written yet').waitFor();
      await page.getByRole('button', { name: /^Restore [\d,]+ files$/ }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await until('some files', () => countBelow(on.world.restored) > 0);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Go on' }).waitFor();
      await page.getByText('Paused').first().waitFor();
      const before = await settled(on.world.restored);
      await new Promise((resolve) => setTimeout(resolve, STILL_MS));
      assert.equal(countBelow(on.world.restored), before);
      assert.ok(before < MANY, `it was paused before its end: ${before}`);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor({ timeout: 120_000 });
      assert.equal(countBelow(on.world.restored), MANY);
    }));

  test('replaces what is there when it is told to, once one has said who one is, and keeps what was there', () => {
    const there = join(on.world.folder, 'there');
    mkdirSync(there);
    writeFileSync(join(there, 'План.md'), 'mine');
    writeFileSync(join(there, 'other.txt'), 'other');
    return openAs('admin', 'laptop', '/home/anna/Документы/2026', /План\.md/, async (page) => {
      await page.getByText('Another folder').click();
      await page.getByLabel('Path of the folder on the device').fill(there);
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByRole('heading', { name: '1 file is there already' }).waitFor();
      await page.getByRole('button', { name: /For all of them/ }).click();
      await page.getByRole('option', { name: 'Replace', exact: true }).click();
      await page.getByRole('button', { name: 'Restore 1 file' }).click();
      // It writes over what is there: whoever sits at this browser says who they are.
      const dialog = page.getByRole('dialog');
      if (await shows(dialog)) {
        await dialog.getByLabel('Password', { exact: true }).fill(PEOPLE.admin.password);
        await page.keyboard.press('Enter');
      }
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      const wanted = readFileSync(join(on.world.home, 'Документы/2026/План.md'));
      assert.ok(readFileSync(join(there, 'План.md')).equals(wanted));
      assert.equal(readFileSync(join(there, 'other.txt'), 'utf8'), 'other');
      await page.getByText('What was replaced lies here').waitFor();
      const safe = await page.locator('code').last().textContent();
      assert.equal(readFileSync(join(safe, 'План.md'), 'utf8'), 'mine');
      // And back again.
      await page.getByRole('button', { name: 'Put back what was replaced' }).click();
      await page.getByText('1 file is back as it was.').waitFor();
      assert.equal(readFileSync(join(there, 'План.md'), 'utf8'), 'mine');
      assert.equal(readFileSync(join(there, 'other.txt'), 'utf8'), 'other');
    });
  });
});

/** Whether a dialog comes up; who signed in a moment ago is not asked. */
const shows = (dialog) =>
  dialog.waitFor({ timeout: 3_000 }).then(
    () => true,
    () => false,
  );

function countBelow(path) {
  let count = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) count += countBelow(join(path, entry.name));
    else if (entry.name.endsWith('.jpg')) count += 1;
  }
  return count;
}

/** The device hears of it a moment later, and finishes what it was writing. */
async function settled(path) {
  for (let before = -1; ; ) {
    const now = countBelow(path);
    if (now === before) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, STILL_MS));
  }
}
