//! The watching half of the console: everybody can use every page, everybody sees what is theirs to see, and lists are live.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addPerson } from './console.mjs';
import { faults, stage, visit } from './page.mjs';
import { addPlans, watchRoutes } from './watch.mjs';

describe('the watching half of the console', () => {
  const on = stage({ before, after });

  before(async () => {
    await addPlans(on.world);
    await addPerson(on.world, 'otto', { email: 'otto@example.org', name: 'Otto', role: 'operator' });
    await addPerson(on.world, 'olga', { email: 'olga@example.org', name: 'Olga', role: 'auditor' });
  });

  for (const { name, path, ready } of watchRoutes) {
    for (const colors of ['light', 'dark']) {
      test(`${name}, ${colors}: axe finds nothing`, () =>
        visit(on, { who: 'admin', path: path(on.world), colors }, async (page) => {
          await ready(page);
          assert.deepEqual(await faults(page), []);
        }));
    }

    test(`${name}: fits a small phone, and a window zoomed to 200 %, in Russian`, async () => {
      for (const [width, height] of [
        [320, 640],
        [640, 410],
      ]) {
        const options = { who: 'admin', path: path(on.world), language: 'ru-RU', width, height };
        await visit(on, options, async (page) => {
          await ready(page);
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
          assert.deepEqual(await faults(page), []);
        });
      }
    });
  }

  test('with colors of one’s own, what is chosen is still seen', () =>
    visit(
      on,
      { who: 'admin', path: '/admin/plans/new?step=capture', forcedColors: 'active' },
      async (page) => {
        const tick = (name) =>
          page.getByRole('checkbox', { name }).locator('xpath=ancestor::label').locator('svg');
        await page.getByRole('checkbox', { name: /CACHEDIR/ }).waitFor();
        assert.equal(await tick(/CACHEDIR/).evaluate((mark) => getComputedStyle(mark).visibility), 'visible');
        assert.equal(await tick(/gitignore/).evaluate((mark) => getComputedStyle(mark).visibility), 'hidden');
        assert.deepEqual(await faults(page), []);
      },
    ));

  test('a run that is begun elsewhere shows up by itself', () =>
    visit(on, { who: 'admin', path: '/admin/jobs?kind=backup&state=succeeded' }, async (page) => {
      const rows = page.getByRole('row', { name: /Backup · Documents/ });
      await rows.first().waitFor();
      const had = await rows.count();
      await on.world.admin.post(`/api/v1/orgs/${on.world.org}/plans/${on.world.watched.plan}/run`, {});
      await rows.nth(had).waitFor();
    }));

  test('a failed job says why and what to do, and is tried again', () =>
    visit(on, { who: 'otto', path: `/admin/jobs/${on.world.watched.failed}` }, async (page) => {
      await page.getByText('What is to be saved is not there').waitFor();
      await page.getByText('Correct the paths of the source.', { exact: false }).waitFor();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('link', { name: 'an earlier job' }).waitFor();
      assert.ok(!page.url().includes(on.world.watched.failed));
      // It was opened before it began: what it says comes by itself.
      await page
        .getByRole('log')
        .getByText(/No such file/)
        .waitFor();
      await page.getByText('Failed', { exact: true }).waitFor();
    }));

  test('an auditor sees all of it, and is offered nothing to do', () =>
    visit(on, { who: 'olga', path: `/admin/plans/${on.world.watched.plan}` }, async (page) => {
      await page
        .getByRole('row', { name: /Backup/ })
        .first()
        .waitFor();
      for (const name of ['Run now', 'More']) {
        assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0);
      }
      assert.equal(await page.getByRole('link', { name: 'Change' }).count(), 0);
      await page.goto('/admin/agents');
      await page.getByRole('grid').waitFor();
      assert.equal(await page.getByRole('link', { name: 'Enrol a machine' }).count(), 0);
      await page.goto(`/admin/jobs/${on.world.watched.failed}`);
      await page.getByRole('heading', { name: 'Log' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
    }));

  test('who runs the installation looks into an organization, and changes nothing there', () =>
    visit(on, { who: 'root', path: '/admin' }, async (page) => {
      await page.getByRole('button', { name: /The installation/ }).click();
      await page.getByRole('option', { name: 'Acme' }).click();
      await page.waitForURL(/\/admin\/o\/acme/);
      await page.getByText('Backup failed').first().waitFor();
      await page.getByRole('link', { name: 'Plans', exact: true }).first().click();
      await page.getByRole('link', { name: 'Every night' }).click();
      await page.waitForURL(/\/admin\/o\/acme\/plans\//);
      await page
        .getByRole('row', { name: /Backup/ })
        .first()
        .waitFor();
      assert.equal(await page.getByRole('button', { name: 'Run now' }).count(), 0);
      assert.deepEqual(await faults(page), []);
    }));

  test('who only has files is led to them', () =>
    visit(on, { who: 'anna', path: '/admin' }, async (page) => {
      await page.getByRole('heading', { name: 'The console is for administrators' }).waitFor();
      await page.getByRole('link', { name: 'Files' }).click();
      await page.getByRole('searchbox').waitFor();
    }));

  test('every state has an address', () =>
    visit(on, { who: 'admin', path: '/admin/jobs' }, async (page) => {
      await page.getByRole('button', { name: /State/ }).click();
      await page.getByRole('option', { name: 'Failed', exact: true }).click();
      await page.waitForURL(/state=failed/);
      await page.reload();
      await page
        .getByRole('row', { name: /Scanner/ })
        .first()
        .waitFor();
      assert.equal(await page.getByRole('row', { name: /Documents/ }).count(), 0);
      await page.goBack();
      await page
        .getByRole('row', { name: /Documents/ })
        .first()
        .waitFor();
    }));

  test('the keyboard alone leads from the dashboard to a machine', () =>
    visit(on, { who: 'admin', path: '/admin' }, async (page) => {
      await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('m');
      await page.getByRole('grid').waitFor();
      for (let n = 0; n < 60 && !(await isInGrid(page)); n++) await page.keyboard.press('Tab');
      assert.ok(await isInGrid(page));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'What is protected' }).waitFor();
    }));
});

const isInGrid = (page) => page.evaluate(() => document.activeElement?.getAttribute('role') === 'grid');
