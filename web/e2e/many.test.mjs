//! A folder of 100,000: every row of it can be reached at once, and the page holds those in sight.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MANY } from './history.mjs';
import { stage, visit } from './page.mjs';

/** Rows of the page at most, and its memory. */
const ROWS_MAX = 60;
const HEAP_BYTES_MAX = 40e6;

describe('a folder of 100,000', () => {
  const on = stage({ before, after });
  const open = (use) =>
    visit(on, { path: `/d/${on.world.sources.files}/browse?p=/srv/files/Снимки` }, async (page, context) => {
      await page.getByRole('row', { name: /IMG_000000/ }).waitFor();
      return use(page, context);
    });

  test('says how long it is, to who sees it and who hears it', () =>
    open(async (page) => {
      assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), String(MANY + 1));
      assert.equal(await page.getByText('100,000 entries').first().isVisible(), true);
    }));

  test('its end and its middle are one key away', () =>
    open(async (page) => {
      await page.keyboard.press('End');
      const last = page.getByRole('row', { name: /IMG_099999/ });
      await last.waitFor();
      assert.equal(await last.getAttribute('aria-rowindex'), String(MANY + 1));
      assert.equal(
        await page.getByRole('grid').getAttribute('aria-activedescendant'),
        await last.getAttribute('id'),
      );
      await page
        .locator('[role=grid] [role=presentation]')
        .first()
        .evaluate((element) => {
          element.scrollTop = element.scrollHeight / 2;
        });
      await page
        .getByRole('row', { name: /IMG_0500[0-9][0-9]/ })
        .first()
        .waitFor();
      assert.ok((await page.getByRole('row').count()) <= ROWS_MAX);
    }));

  test('a part of a name narrows it', () =>
    open(async (page) => {
      await page.keyboard.press('f');
      await page.keyboard.type('_04242');
      await page.getByText('10 entries').first().waitFor();
      await page.getByRole('row', { name: /IMG_042429/ }).waitFor();
    }));

  test('all of it is selected by one key, as the folder', () =>
    open(async (page) => {
      await page.keyboard.press('Control+a');
      await page.getByText('1 folder with all in it').waitFor();
      const rows = page.locator('[role=row][aria-selected=true]');
      assert.ok((await rows.count()) > 5);
    }));

  test('it takes little memory', () =>
    open(async (page, context) => {
      for (let press = 0; press < 10; press++) await page.keyboard.press('PageDown');
      const session = await context.newCDPSession(page);
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      assert.ok(usedSize < HEAP_BYTES_MAX, `${(usedSize / 1e6).toFixed(1)} MB`);
    }));
});
