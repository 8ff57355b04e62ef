//! Two thousand snapshots on one line: each of them can be reached, what stands out is seen, and a date can be typed.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ZONE } from './harness.mjs';
import { downloaded, faults, stage, unzip, visit } from './page.mjs';
import { addThousands, heldAt, PICTURES, SNAPSHOTS, takenAt, wentAt } from './thousands.mjs';

const POINTS_MAX = 400;

describe('two thousand snapshots', () => {
  const on = stage({ before, after });
  before(() => addThousands(on.world));
  const open = (use, { who = 'anna', query = '' } = {}) =>
    visit(
      on,
      { who, path: `/d/${on.world.sources.archive}/browse?p=/home/anna/Photos${query}` },
      async (page) => {
        await page.getByRole('row', { name: /Summer/ }).waitFor();
        await page.getByRole('slider').waitFor();
        return use(page, page.getByRole('slider'));
      },
    );
  const moment = (when) =>
    new Intl.DateTimeFormat('en-GB', {
      dateStyle: 'long',
      timeStyle: 'short',
      timeZone: ZONE,
    }).format(when);
  const isAt = (page, when) =>
    page.locator('section[aria-label=Time] strong', { hasText: moment(when) }).waitFor();

  test('stand on a line of as many points as a screen can show', () =>
    open(async (_, slider) => {
      assert.equal(await slider.getAttribute('max'), String(POINTS_MAX - 1));
      assert.equal(await slider.inputValue(), String(POINTS_MAX - 1));
      await slider.page().getByText('5 snapshots').first().waitFor();
    }));

  test('are each reached by a zoom, which goes along with who leaves it', () =>
    open(async (page, slider) => {
      await slider.focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('+');
      await page.getByRole('button', { name: 'All of the time' }).waitFor();
      await page.waitForFunction(() => Number(document.querySelector('input[type=range]').max) < 399);
      assert.equal(await page.getByText(/\d snapshots/).count(), 0);
      const at = async () => new URL(page.url()).searchParams.get('at');
      // To the end of the part, and one further: the part follows.
      await page.keyboard.press('End');
      await page.waitForFunction(
        (value) => document.querySelector('input[type=range]').value === value,
        await slider.getAttribute('max'),
      );
      const end = await at();
      await page.keyboard.press('}');
      await page.waitForURL((url) => url.searchParams.get('at') !== end);
      await page.waitForFunction(
        () =>
          Number(document.querySelector('input[type=range]').value) <
          Number(document.querySelector('input[type=range]').max),
      );
      await page.keyboard.press('-');
      await page.waitForFunction(() => document.querySelector('input[type=range]').max === '399');
    }));

  test('are stepped through one by one, though a bar stands for five of them', () =>
    open(async (page, slider) => {
      for (const n of [2, 3, 4, 5, 6]) {
        await page.keyboard.press('[');
        await isAt(page, takenAt(SNAPSHOTS - n));
      }
      assert.equal(await slider.inputValue(), String(POINTS_MAX - 2), 'the sixth is behind the bar before');
      // Faster than anybody is answered.
      for (const key of [']', ']', ']', '[', ']']) await page.keyboard.press(key);
      await isAt(page, takenAt(SNAPSHOTS - 3));
      await page.getByRole('button', { name: 'The next snapshot' }).click();
      await isAt(page, takenAt(SNAPSHOTS - 2));
      await page.getByRole('button', { name: 'The next snapshot' }).click();
      await page.locator('section[aria-label=Time] strong', { hasText: 'Now' }).waitFor();
      assert.equal(new URL(page.url()).searchParams.get('at'), null);
    }));

  test('are looked at closer where a pointer is dragged across them', () =>
    open(async (page, slider) => {
      const box = await slider.boundingBox();
      const at = (share) => [box.x + 9 + (box.width - 18) * share, box.y + 20];
      const most = () => page.evaluate(() => Number(document.querySelector('input[type=range]').max));
      await page.mouse.move(...at(0.3));
      await page.mouse.down();
      await page.mouse.move(...at(0.35), { steps: 3 });
      await page.getByText(/\d – \d+ \w+/).waitFor();
      assert.deepEqual(await faults(page), []);
      await page.mouse.up();
      await page.getByRole('button', { name: 'All of the time' }).waitFor();
      await page.waitForFunction(() => Number(document.querySelector('input[type=range]').max) < 399);
      // Twenty bars and what is at both ends, each snapshot for itself.
      const closer = await most();
      assert.ok(closer > 90 && closer < 130, `${closer}`);
      await page.waitForURL(/at=/);
      assert.equal(await page.getByText(/\d snapshots/).count(), 0);

      // A press goes there, and the thumb is dragged in time.
      await page.mouse.click(...at(0.5));
      await page.waitForFunction(
        (value) => {
          const shown = Number(document.querySelector('input[type=range]').value);
          return Math.abs(shown - value) <= 1;
        },
        Math.round(closer / 2),
      );
      await page.mouse.move(...at(0.5));
      await page.mouse.down();
      await page.mouse.move(...at(0.9), { steps: 5 });
      await page.mouse.up();
      await page.waitForFunction(
        (value) => {
          const shown = Number(document.querySelector('input[type=range]').value);
          return Math.abs(shown - value) <= 1;
        },
        Math.round(closer * 0.9),
      );
      assert.equal(await most(), closer, 'that is no zoom');

      // The other way, without dragging, and the way back.
      await page.getByRole('button', { name: 'Zoom in' }).click();
      await page.waitForFunction(
        (before) => Number(document.querySelector('input[type=range]').max) < before,
        closer,
      );
      await page.getByRole('button', { name: 'All of the time' }).click();
      await page.waitForFunction(() => document.querySelector('input[type=range]').max === '399');
    }));

  test('lead from change to change of a folder, to the very snapshot', () =>
    open(async (page) => {
      await page.getByRole('button', { name: 'Change before', disabled: false }).waitFor();
      await page.keyboard.press('{');
      await isAt(page, wentAt);
      await page.keyboard.press('{');
      await isAt(page, takenAt(1_200));
      await page.getByRole('row', { name: /2024/ }).waitFor();
      await page.keyboard.press('}');
      await isAt(page, wentAt);
      await page.getByRole('row', { name: /2024.*last seen/ }).waitFor();
    }));

  test('show at once when too much went', () =>
    open(async (page, slider) => {
      const mark = page.getByRole('button', { name: `${PICTURES} deleted at once` });
      await mark.click();
      await page.waitForURL(/at=/);
      assert.match(await slider.getAttribute('aria-valuetext'), /deleted.*Unusually many/);
      assert.equal(await mark.getAttribute('aria-current'), 'true');
      await page.getByRole('row', { name: /2024.*last seen/ }).waitFor();
      await page.waitForLoadState('networkidle');
      assert.deepEqual(await faults(page), []);
    }));

  test('are found by a date that is typed', () =>
    open(async (page) => {
      await page.keyboard.press('t');
      await page.keyboard.type('never');
      await page.keyboard.press('Enter');
      await page.getByText('That is no time').waitFor();
      const wanted = takenAt(SNAPSHOTS - 100);
      const words = new Intl.DateTimeFormat('ru-RU', {
        dateStyle: 'short',
        timeStyle: 'short',
        timeZone: ZONE,
      });
      await page.getByRole('textbox', { name: 'Date and time' }).fill(words.format(wanted));
      await page.keyboard.press('Enter');
      await isAt(page, wanted);
      await page.getByRole('button', { name: 'Back to now' }).click();
      await page.locator('section[aria-label=Time] strong', { hasText: 'Now' }).waitFor();
    }));

  test('say to an administrator, and to nobody else, which of them is held', async () => {
    const query = `&at=${heldAt.toISOString()}`;
    await open((page) => page.getByText('On hold: it is not forgotten').waitFor(), { who: 'admin', query });
    await open(
      async (page) => {
        await isAt(page, heldAt);
        assert.equal(await page.getByText('On hold').count(), 0);
      },
      { query },
    );
  });

  test('give back what went at once, from the snapshot before', () =>
    open(async (page) => {
      await page.getByRole('button', { name: `${PICTURES} deleted at once` }).click();
      await page.waitForURL(/at=/);
      await page.getByRole('link', { name: 'What changed' }).click();
      await page.getByRole('alert').getByText(`${PICTURES} files are gone at once.`).waitFor();
      assert.deepEqual(await faults(page), []);
      await page.getByRole('row', { name: /IMG_1\.raw/ }).waitFor();
      for (const name of ['IMG_0.raw', 'IMG_1.raw']) {
        await page.getByRole('checkbox', { name: `Select ${name}` }).click({ force: true });
      }
      await page.getByText('What you select is taken as it was').waitFor();
      const zip = await downloaded(page, () => page.getByRole('button', { name: 'Download as ZIP' }).click());
      const files = unzip(zip.bytes);
      assert.deepEqual([...files.values()].map(String).sort(), ['0', '1']);
      await page.getByRole('button', { name: 'Restore everything from before…' }).click();
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByText('Nothing was written yet').waitFor();
      await page.getByRole('button', { name: /^Restore \d+ files$/ }).click();
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      assert.equal(countBelow(on.world.restored, /\.raw$/), PICTURES);
    }));
});

function countBelow(path, name) {
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile() && name.test(entry.name)).length;
}
