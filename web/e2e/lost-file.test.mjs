//! Somebody lost a file, and has it back: by searching, by going back in time, by the keyboard alone.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { downloaded, signInByHand, stage, unzip, visit } from './page.mjs';

describe('a lost file', () => {
  const on = stage({ before, after });

  test('signing in leads to where one wanted to go', () =>
    visit(on, { who: null, path: '/search?q=Смета' }, async (page) => {
      await page.waitForURL(/\/sign-in\?next=/);
      await signInByHand(page, 'anna');
      await page.waitForURL(/\/search\?q=/);
      await page.getByRole('rowheader', { name: /Смета\.csv/ }).waitFor();
    }));

  test('a wrong password is told in one sentence', () =>
    visit(on, { who: null, path: '/sign-in' }, async (page) => {
      await page.getByLabel('E-mail').fill('anna@example.org');
      await page.getByLabel('Password', { exact: true }).fill('not this one at all');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').getByText('do not fit').waitFor();
    }));

  test('a deleted file is found by its name, looked at and downloaded', () =>
    visit(on, {}, async (page) => {
      await page.getByRole('searchbox').pressSequentially('отчет март');
      await page.waitForURL(/\/search/);
      const row = page.getByRole('row', { name: /Отчёт за март\.txt/ });
      await row.getByText('deleted').waitFor();
      await row.getByRole('button', { name: /Отчёт за март/ }).click();
      await page.getByRole('textbox', { name: /Отчёт/ }).getByText('Неделя 14').waitFor();
      assert.equal(await page.getByRole('navigation', { name: 'Versions' }).getByRole('button').count(), 4);
      const { name, bytes } = await downloaded(page, () =>
        page.getByRole('button', { name: 'Download', exact: true }).click(),
      );
      assert.equal(name, 'Отчёт за март.txt');
      assert.match(bytes.toString(), /^Отчёт за март\n.*Неделя 14/s);
    }));

  test('typed on the wrong keyboard layout, it is found as well', () =>
    visit(on, { path: '/search?q=jnxtn' }, async (page) => {
      await page.getByRole('button', { name: /Search for “отчет”/ }).click();
      await page.getByRole('row', { name: /Отчёт за март/ }).waitFor();
    }));

  test('what went lately is on the start page', () =>
    visit(on, {}, async (page) => {
      await page.getByRole('link', { name: /черновик\.txt/ }).click();
      await page.getByText('Черновик: мысли').waitFor();
    }));

  test('without a network one is told so, and goes on where one was when it is back', () =>
    visit(on, { path: `/d/${on.world.sources.laptop}/browse?p=/home/anna` }, async (page, context) => {
      await page.getByRole('row', { name: /Photos/ }).waitFor();
      await context.setOffline(true);
      const told = page.getByRole('status').getByText('The server does not answer');
      await told.waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Photos' }).waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await context.setOffline(false);
      await page
        .getByRole('row', { name: /IMG_|Summer/ })
        .first()
        .waitFor();
      await told.waitFor({ state: 'detached' });
    }));

  test('an earlier version is looked at and downloaded', () => {
    const path = `/d/${on.world.sources.laptop}/file?p=/home/anna/Документы/2026/План.md`;
    return visit(on, { path }, async (page) => {
      await page.getByText('8. Шаг 8').waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.getByText('5. Шаг 5').waitFor();
      assert.equal(await page.getByText('6. Шаг 6').count(), 0);
      const { bytes } = await downloaded(page, () =>
        page.getByRole('button', { name: 'Download this version' }).click(),
      );
      assert.match(bytes.toString(), /Шаг 5[^\n]*\n$/);
      await page.getByRole('button', { name: 'Compare with the version before' }).click();
      await page.locator('.cm-changedLine, .cm-insertedLine').first().waitFor();
    });
  });

  test('a download that was cut goes on from where it was', () => {
    const path = `/d/${on.world.sources.laptop}/file?p=/home/anna/Projects/big.bin`;
    return visit(on, { path }, async (page) => {
      const asked = page.waitForResponse((response) => response.url().endsWith('/portal/v1/tickets'));
      const { bytes } = await downloaded(page, () =>
        page.getByRole('button', { name: 'Download', exact: true }).click(),
      );
      const ticket = await (await asked).json();
      const whole = readFileSync(join(on.world.home, 'Projects/big.bin'));
      assert.ok(bytes.equals(whole));

      // The same ticket goes on serving whoever redeemed it, and nobody else.
      const url = on.world.url + ticket.url;
      const cookies = await page.context().cookies(url);
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const first = await fetch(url, { headers: { cookie } });
      const reader = first.body.getReader();
      const read = (await reader.read()).value;
      await reader.cancel();
      const range = { range: `bytes=${read.length}-`, 'if-range': first.headers.get('etag') };
      const rest = await fetch(url, { headers: { cookie, ...range } });
      assert.equal(rest.status, 206);
      assert.ok(Buffer.concat([read, Buffer.from(await rest.arrayBuffer())]).equals(whole));
      assert.equal((await fetch(url)).status, 403);
    });
  });

  test('a folder of an earlier time comes as a zip that holds what it held', () => {
    const path = `/d/${on.world.sources.laptop}/browse`;
    return visit(on, { path }, async (page) => {
      await page.getByRole('row', { name: /Документы/ }).waitFor();
      // Back before the archive was deleted, change by change.
      const slider = page.getByRole('slider', { name: 'Snapshot that is shown' });
      for (let step = 0; step < 8; step++) {
        await slider.press('ArrowLeft');
      }
      await page.waitForURL(/at=/);
      await page.getByRole('button', { name: 'Документы', exact: true }).click();
      const archive = page.getByRole('row', { name: /Архив/ });
      await archive.waitFor();
      assert.equal(await archive.getByText('last seen').count(), 0);
      await archive.getByRole('checkbox').click({ force: true });
      const { name, bytes } = await downloaded(page, () =>
        page.getByRole('button', { name: 'Download as ZIP' }).click(),
      );
      assert.equal(name, 'Архив.zip');
      const files = unzip(bytes);
      assert.deepEqual([...files.keys()].sort(), ['Архив/2024/договор.txt', 'Архив/2025/акт.txt']);
      assert.equal(files.get('Архив/2025/акт.txt').toString(), 'Акт выполненных работ\n'.repeat(30));
    });
  });

  test('a folder as it is now comes as a zip that is equal to it', () => {
    const path = `/d/${on.world.sources.laptop}/browse?p=/home/anna`;
    return visit(on, { path }, async (page) => {
      await page
        .getByRole('row', { name: /Photos/ })
        .getByRole('checkbox')
        .click({ force: true });
      const { bytes } = await downloaded(page, () =>
        page.getByRole('button', { name: 'Download as ZIP' }).click(),
      );
      const expected = filesBelow(join(on.world.home, 'Photos'), 'Photos');
      const files = unzip(bytes);
      assert.deepEqual([...files.keys()].sort(), [...expected.keys()].sort());
      for (const [name, data] of files) assert.ok(data.equals(expected.get(name)), name);
    });
  });

  test('with the keyboard alone: search, preview, download', () =>
    visit(on, {}, async (page) => {
      await page.getByRole('searchbox').waitFor();
      await page.keyboard.type('договор');
      // What was found for the first letters only may have it too, in another row.
      await page.locator('[data-q*="договор"]').waitFor();
      await page.getByRole('row', { name: /договор\.txt/ }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByText('Договор № 17').first().waitFor();
      await page.getByRole('grid').focus();
      const { name } = await downloaded(page, () => page.keyboard.press('d'));
      assert.equal(name, 'договор.txt');
    }));

  test('with the keyboard alone: down into folders, select, back in time', () => {
    const path = `/d/${on.world.sources.laptop}/browse?p=/home/anna`;
    return visit(on, { path }, async (page) => {
      await page.getByRole('row', { name: /Photos/ }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Photos' }).waitFor();
      await page.getByRole('row', { name: /IMG_0042/ }).waitFor();
      await page.keyboard.press('End');
      await page.keyboard.press(' ');
      await page.getByText('1 selected').waitFor();
      await page.keyboard.press('Control+a');
      await page.getByText('3 selected').waitFor();
      await page.keyboard.press('Escape');
      assert.equal(await page.getByText('3 selected').count(), 0);
      await page.keyboard.press('{');
      await page.getByRole('button', { name: 'Back to now' }).waitFor();
      await page.keyboard.press('Backspace');
      await page.getByRole('heading', { level: 1, name: 'anna' }).waitFor();
      assert.match(page.url(), /at=/);
    });
  });
});

/** The files of a folder, by paths that begin with a name. */
function filesBelow(folder, name, found = new Map()) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) filesBelow(path, `${name}/${entry}`, found);
    else found.set(`${name}/${entry}`, readFileSync(path));
  }
  return found;
}
