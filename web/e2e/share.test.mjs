//! A link for a colleague: it leads to the same files at the same time, for whoever may see them, and gives nobody a right.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addPerson } from './console.mjs';
import { daysBefore } from './history.mjs';
import { faults, signInByHand, stage, visit } from './page.mjs';

describe('a link to a place', () => {
  const on = stage({ before, after });
  before(() => addPerson(on.world, 'vera', { email: 'vera@example.org', name: 'Vera', role: 'user' }));
  const at = daysBefore(22);
  const seen = 'Отчёт за март.txt';
  /** Anna looks at a file of a folder as it was three weeks ago, and copies a link to it. */
  const copied = () => {
    const folder = '/home/anna/Документы/2026';
    const query = `p=${folder}&at=${at.toISOString()}&pv=${folder}/${seen}&sort=-size`;
    return visit(on, { path: `/d/${on.world.sources.laptop}/browse?${query}` }, async (page, context) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('heading', { name: seen }).waitFor();
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByText('Link copied').waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(link, /\/share\/[0-9a-f-]{36}$/, 'it tells no path');
      return link.replace(on.world.url, '');
    });
  };
  const isThere = async (page) => {
    await page.getByRole('heading', { name: '2026' }).waitFor();
    await page.getByRole('heading', { name: seen }).waitFor();
    await page.getByRole('row', { name: /Отчёт за март/ }).waitFor();
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get('sort'), '-size');
    assert.ok(Date.parse(searchParams.get('at')) <= at.getTime());
  };

  test('leads a colleague to the same file at the same time', async () => {
    const path = await copied();
    await visit(on, { who: 'admin', path }, isThere);
  });

  test('leads there after signing in, too', async () => {
    const path = await copied();
    await visit(on, { who: null, path }, async (page) => {
      await signInByHand(page, 'admin');
      await isThere(page);
    });
  });

  test('says plainly to who may not see it that it is not for them', async () => {
    const path = await copied();
    await visit(on, { who: 'vera', path }, async (page) => {
      await page.getByRole('heading', { name: 'This link leads to nothing that you may see' }).waitFor();
      assert.equal(await page.getByText('Отчёт').count(), 0);
      assert.deepEqual(await faults(page), []);
    });
  });

  test('that was cut short says the same', () =>
    visit(on, { path: '/share/0198c0de' }, (page) =>
      page.getByRole('heading', { name: 'This link leads to nothing that you may see' }).waitFor(),
    ));
});
