//! Everybody can use every page: axe finds nothing, no page is wider than a small phone, the content security policy holds.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, stage, visit } from './page.mjs';
import { portalRoutes } from './routes.mjs';

describe('every page of the portal', () => {
  const on = stage({ before, after });

  for (const { name, path, ready, who } of portalRoutes) {
    for (const colors of ['light', 'dark']) {
      test(`${name}, ${colors}: axe finds nothing`, () =>
        visit(on, { path: path(on.world), colors, who }, async (page) => {
          await ready(page);
          assert.deepEqual(await faults(page), []);
        }));
    }

    test(`${name}: fits a small phone in Russian`, () =>
      visit(on, { path: path(on.world), language: 'ru-RU', width: 320, height: 640, who }, async (page) => {
        await ready(page);
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'ru');
        const { wide, widest } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth,
          widest: [...document.querySelectorAll('body *')]
            .filter(
              (element) =>
                element.getBoundingClientRect().right > 321 &&
                !element.closest('[data-scrolls], .visually-hidden'),
            )
            .map((element) => `${element.tagName}.${element.className}`)
            .slice(0, 5),
        }));
        assert.equal(wide, 320, `wider than the phone: ${widest.join(', ')}`);
        assert.deepEqual(await faults(page), []);
      }));
  }

  test('dialogs and panes have nothing that axe finds', () => {
    const path = `/d/${on.world.sources.laptop}/browse?p=/home/anna/Photos&pv=/home/anna/Photos/IMG_0043.png`;
    return visit(on, { path }, async (page) => {
      await page.getByRole('img', { name: 'IMG_0043.png' }).waitFor();
      assert.deepEqual(await faults(page), []);
      await page.getByRole('grid').focus();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      assert.deepEqual(await faults(page), []);
    });
  });

  test('what a stored page or picture says is not run', () => {
    const at = `/d/${on.world.sources.laptop}/file?p=/home/anna/Projects/website`;
    return visit(on, { path: `${at}/evil.svg` }, async (page) => {
      await page.getByText('parent.hacked').first().waitFor();
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      await page.goto(`${at}/index.html`);
      await page.getByText('parent.hacked').first().waitFor();
      assert.equal(await page.evaluate(() => window.hacked), undefined);
    });
  });

  test('the page says what it may load, and nothing else is loaded', async () => {
    const { headers } = await fetch(on.world.url);
    const policy = headers.get('content-security-policy');
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "require-trusted-types-for 'script'",
      "frame-ancestors 'none'",
    ]) {
      assert.ok(policy.includes(part), part);
    }
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    await visit(on, {}, async (page) => {
      const hosts = new Set();
      page.on('request', (request) => hosts.add(new URL(request.url()).origin));
      await page.reload();
      await page.getByRole('heading', { name: 'Recently deleted' }).waitFor();
      assert.deepEqual([...hosts], [on.world.url]);
    });
  });

  test('the theme that was chosen is there at once', () =>
    visit(on, { path: '/settings' }, async (page) => {
      await page.getByText('Dark', { exact: true }).click();
      await page.reload({ waitUntil: 'commit' });
      await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    }));

  test('the language changes at once, and stays', () =>
    visit(on, { path: '/settings' }, async (page) => {
      await page.getByText('Русский', { exact: true }).click();
      await page.getByRole('heading', { name: 'Настройки' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Настройки' }).waitFor();
    }));
});
