//! Where an organization wants it, a second person says yes or no to a restore, and both see it at once.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { faults, stage, visit } from './page.mjs';

describe('a restore that somebody else has to agree to', () => {
  const on = stage({ before, after });
  before(async () => {
    const { admin, org } = on.world;
    await admin.patch(`/api/v1/orgs/${org}`, { restore_approval: true });
  });
  const folder = '/home/anna/Документы/2026';
  const anna = (use) =>
    visit(on, { path: `/d/${on.world.sources.laptop}/browse?p=${folder}` }, async (page) => {
      await page.getByRole('row', { name: /План\.md/ }).waitFor();
      return use(page);
    });
  /** Asks for a file, and waits with the page open. */
  const ask = async (page, name) => {
    await page.getByRole('row', { name }).getByRole('checkbox').click({ force: true });
    await page.getByRole('button', { name: 'Restore…' }).click();
    await page.getByRole('button', { name: 'Check first' }).click();
    await page.getByText('Nothing was written yet').waitFor();
    await page.getByRole('button', { name: 'Restore 1 file' }).click();
    await page.getByText('Somebody else has to agree').waitFor();
  };
  const boris = (use) =>
    visit(on, { who: 'admin', path: '/' }, async (page) => {
      await page.getByRole('heading', { name: 'Restores that wait for you' }).waitFor();
      await page.getByRole('link', { name: /Anna/ }).click();
      await page.getByRole('heading', { name: 'Anna asks for this restore' }).waitFor();
      return use(page);
    });

  test('begins when they agree', () =>
    anna(async (page) => {
      await ask(page, /План\.md/);
      assert.equal(
        await page.getByRole('button', { name: 'Approve' }).count(),
        0,
        'nobody agrees with oneself',
      );
      assert.deepEqual(readdirSync(on.world.restored), []);
      await boris(async (other) => {
        await other.getByText(`${folder}/План.md`).waitFor();
        assert.deepEqual(await faults(other), []);
        await other.getByRole('button', { name: 'Approve' }).click();
        await other.getByRole('heading', { name: 'Everything is back' }).waitFor();
      });
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      const found = filesBelow(on.world.restored);
      assert.ok(found.get('План.md')?.equals(readFileSync(join(on.world.home, 'Документы/2026/План.md'))));
    }));

  test('ends when they do not, with their word about it', () =>
    anna(async (page) => {
      const before = filesBelow(on.world.restored).size;
      await ask(page, /Смета\.csv/);
      await boris(async (other) => {
        await other.getByRole('textbox', { name: 'A word about it' }).fill('Not during the audit.');
        await other.getByRole('button', { name: 'Deny' }).click();
        await other.getByText('Boris said no.').waitFor();
      });
      await page.getByText('Boris said no. Not during the audit.').waitFor();
      assert.equal(filesBelow(on.world.restored).size, before);
      await page.getByRole('link', { name: 'Restores' }).click();
      await page.getByRole('row', { name: /Смета\.csv.*Denied/ }).waitFor();
    }));

  test('is nobody’s to decide but theirs', async () => {
    const { anna: person, sources } = on.world;
    const asked = await person.post('/portal/v1/restores', {
      source: sources.laptop,
      items: [{ path: `${folder}/План.md` }],
    });
    assert.equal(asked.state, 'approval');
    await assert.rejects(person.post(`/portal/v1/restores/${asked.uid}/approve`, {}), /403/);
    await person.post(`/portal/v1/restores/${asked.uid}/cancel`, {});
    await visit(on, { who: 'admin', path: '/' }, async (page) => {
      await page.getByRole('heading', { name: 'Find a file' }).waitFor();
      await page.waitForLoadState('networkidle');
      assert.equal(await page.getByText('Restores that wait for you').count(), 0);
    });
  });
});

/** The files of a folder, by name. */
function filesBelow(path, found = new Map()) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) filesBelow(join(path, entry.name), found);
    else found.set(entry.name, readFileSync(join(path, entry.name)));
  }
  return found;
}
