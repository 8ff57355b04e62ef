//! What nobody can remove yet, as its storage locks it: whoever looks for a file sees until when, and an administrator how much.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from './harness.mjs';
import { daysFromNow, LOCKED_DAYS, startLockedWorld, TAKEN } from './locked.mjs';
import { faults, visit } from './page.mjs';

const shown = (when, locale) =>
  new Intl.DateTimeFormat(locale, {
    timeZone: 'Europe/Moscow',
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
});
