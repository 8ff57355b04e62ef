//! Takes a picture of the console's watching pages, light and dark, into docs/screens: `node e2e/screens-watch.mjs`.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBrowser, startWorld } from './harness.mjs';
import { visit } from './page.mjs';
import { addPlans, watchRoutes } from './watch.mjs';

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));
mkdirSync(folder, { recursive: true });

const world = await startWorld();
const on = { world, browser: await startBrowser() };
const take = (name, options, ready) =>
  visit(on, { who: 'admin', width: 1360, height: 860, ...options }, async (page) => {
    await ready(page);
    // Lists that the page needs beside its own come a moment later; the stream of events never ends.
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${folder}console-${name}.png` });
  });
try {
  await addPlans(world);
  for (const { name, path, ready } of watchRoutes) {
    for (const colors of ['light', 'dark']) {
      await take(`${name}-${colors}`, { path: path(world), colors }, ready);
    }
    if (name === 'dashboard' || name === 'plan') {
      const phone = { path: path(world), language: 'ru-RU', width: 390, height: 844 };
      await take(`${name}-phone-ru`, phone, ready);
    }
  }
} finally {
  await on.browser.close();
  await world.end();
}
