//! What nobody can remove yet, as its storage locks it: whoever looks for a file sees until when, and an administrator how much.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { confirm, told } from './console.mjs';
import { PEOPLE, startBrowser, ZONE } from './harness.mjs';
import { daysFromNow, LOCKED_DAYS, startLockedWorld, TAKEN } from './locked.mjs';
import { faults, visit } from './page.mjs';

const shown = (when, locale) =>
  new Intl.DateTimeFormat(locale, {
    timeZone: ZONE,
    day: 'numeric',
    month: 'short',
    ...(when.getFullYear() !== new Date().getFullYear() && { year: 'numeric' }),
  }).format(when);

describe('snapshots that their storage locks', () => {
  const on = {};
  before(async () => {
    on.world = await startLockedWorld();
    on.browser = await startBrowser();
  });
  after(async () => {
    await on.browser?.close();
    await on.world?.end();
  });

  test('are marked on the line of time, and say until when', () =>
    visit(on, { path: `/d/${on.world.source}/browse?p=/home/anna` }, async (page) => {
      const time = page.getByRole('region', { name: 'Time' });
      const until = (days) => `Locked until ${shown(daysFromNow(LOCKED_DAYS - days), 'en-GB')}`;
      await time.getByText(until(1)).waitFor();
      const marks = time.getByRole('img', { name: /^Locked by the storage: / });
      assert.equal(await marks.count(), 1, 'they lie beside each other');
      await time.getByRole('img', { name: `${shown(daysFromNow(-20), 'en-GB')} – ` }).waitFor();
      assert.match(await time.getByRole('slider').getAttribute('aria-valuetext'), new RegExp(until(1)));
      assert.deepEqual(await faults(page), []);
      for (const days of [10, 20]) {
        await page.keyboard.press('[');
        await time.getByText(until(days)).waitFor();
      }
      await page.keyboard.press('[');
      await time.getByText(/Locked until/).waitFor({ state: 'detached' });
      assert.doesNotMatch(await time.getByRole('slider').getAttribute('aria-valuetext'), /Locked/);
    }));

  test('say so in the list of snapshots too, in Russian as well', () =>
    visit(on, { path: `/d/${on.world.source}`, language: 'ru-RU' }, async (page) => {
      const list = page.getByRole('group', { name: 'Новейшие снимки' });
      await list.getByRole('columnheader', { name: 'Заблокирован до' }).waitFor();
      const ends = await list.getByRole('row').locator('td:last-child').allInnerTexts();
      const dates = [1, 10, 20].map((days) => shown(daysFromNow(LOCKED_DAYS - days), 'ru-RU'));
      assert.deepEqual(
        ends.map((end) => end.trim()),
        [...dates, '', ''],
      );
      assert.deepEqual(await faults(page), []);
    }));

  test('are promised no longer than the storage keeps their files', async () => {
    const { admin, anna, org, repository, source } = on.world;
    const { items } = await anna.get(`/portal/v1/sources/${source}/timeline`);
    const promised = items.flatMap(({ locked_until }) => (locked_until ? [Date.parse(locked_until)] : []));
    assert.equal(promised.length, 3);
    const { kinds } = await admin.get(`/api/v1/orgs/${org}/repositories/${repository}/worm`);
    for (const kind of ['snapshots', 'index', 'data']) {
      const first = Date.parse(kinds.find((one) => one.kind === kind).first_end);
      assert.ok(Math.max(...promised) <= first, kind);
    }
  });

  test('are counted for an administrator as the storage itself says', () =>
    visit(on, { who: 'admin', path: `/admin/repos/${on.world.repository}/immutable` }, async (page) => {
      await page.getByText(`locked by the storage for ${LOCKED_DAYS} days`).waitFor();
      await page.getByRole('button', { name: 'Count what is locked' }).click();
      const row = page.getByRole('row', { name: /^Snapshots/ });
      await row.waitFor();
      const [all, locked, free] = await row.locator('td').allInnerTexts();
      assert.deepEqual(
        [all, locked, free],
        [`${TAKEN.length}`, `${TAKEN.length}`, '0'],
        'each was written today, whatever its time',
      );
      assert.deepEqual(await faults(page), []);
    }));

  test('are kept by the storage for as long as somebody holds them, which a job sees to', () =>
    visit(on, { who: 'admin', path: `/admin/repos/${on.world.repository}/immutable` }, async (page) => {
      const { admin, org, repository } = on.world;
      const held = async (name) => {
        const { kinds } = await admin.get(`/api/v1/orgs/${org}/repositories/${repository}/worm`);
        return kinds.find(({ kind }) => kind === name).legal_hold;
      };
      await page.getByText('The storage keeps what a held snapshot needs under legal hold').waitFor();
      await page.getByRole('link', { name: 'Hold a snapshot' }).click();
      await page.waitForURL(/\/admin\/snapshots\?repository=/);
      const rows = page.getByRole('row').filter({ hasText: 'anna-laptop' });
      await rows.nth(2).getByRole('link').first().click();
      await page.getByRole('button', { name: 'Hold it' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('It puts all that the snapshot needs under legal hold then').waitFor();
      assert.deepEqual(await faults(page), []);
      await dialog.getByLabel('Case').fill('2026-17');
      await dialog.getByLabel('Reason').fill('asked for by the court');
      await dialog.getByRole('button', { name: 'Hold it' }).click();
      await told(page, 'The snapshot is held for 2026-17');
      const following = page.getByRole('status').filter({ hasText: 'in line with the hold by a job' });
      await following.getByText('Done').waitFor();
      assert.deepEqual(await faults(page), []);

      await following.getByRole('link', { name: 'Legal hold' }).click();
      await page.getByRole('heading', { name: 'Legal hold · locked' }).waitFor();
      await page
        .getByText(/^snapshot \w{8} is held: \d+ files that it needs are under legal hold$/)
        .waitFor();
      assert.deepEqual(await faults(page), []);
      assert.equal(await held('snapshots'), 1);
      const packs = await held('data');
      assert.ok(packs > 0, 'the storage itself says so');

      await page.goto(`/admin/repos/${repository}/immutable`);
      await page.getByRole('link', { name: '1 snapshot is held' }).waitFor();
      await page.getByRole('button', { name: 'Count what is locked' }).click();
      const row = page.getByRole('row', { name: /^Data/ });
      await row.waitFor();
      assert.equal(await row.locator('td').nth(3).textContent(), `${packs}`);
      assert.deepEqual(await faults(page), []);
      await page.getByRole('link', { name: 'What jobs did for that' }).click();
      await page.getByText(`${packs + (await held('index')) + 1} files under legal hold`).waitFor();

      await page.goto(`/admin/repos/${repository}/immutable`);
      await page.getByRole('button', { name: 'Release… 2026-17' }).click();
      await dialog.getByText('lifts the storage’s legal hold of its files').waitFor();
      await confirm(page, '2026-17', 'Release…', PEOPLE.admin.password);
      await told(page, 'The hold “2026-17” was released');
      await following.getByText('Done').waitFor();
      for (const kind of ['snapshots', 'index', 'data']) assert.equal(await held(kind), 0, kind);
    }));

  test('are held in Russian too', () =>
    visit(
      on,
      { who: 'admin', language: 'ru-RU', path: `/admin/snapshots?repository=${on.world.repository}` },
      async (page) => {
        await page
          .getByRole('row')
          .filter({ hasText: 'anna-laptop' })
          .first()
          .getByRole('link')
          .first()
          .click();
        await page.getByRole('button', { name: 'Удержать' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('окажется под юридическим удержанием и там').waitFor();
        assert.deepEqual(await faults(page), []);
      },
    ));
});
