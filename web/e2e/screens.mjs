//! Takes a picture of every page of the portal, light and dark, into docs/screens: `node e2e/screens.mjs`, or of
//! those that are named.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBrowser, startWorld } from './harness.mjs';
import { visit } from './page.mjs';
import { portalRoutes } from './routes.mjs';

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));
mkdirSync(folder, { recursive: true });

const named = process.argv.slice(2);
const isWanted = (name) => named.length === 0 || named.includes(name);

const world = await startWorld();
const on = { world, browser: await startBrowser() };
try {
  for (const { name, path, ready, who } of portalRoutes.filter((route) => isWanted(route.name))) {
    for (const colors of ['light', 'dark']) {
      await visit(on, { path: path(world), colors, who }, async (page) => {
        await ready(page);
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: `${folder}portal-${name}-${colors}.png` });
      });
    }
  }
  for (const [name, path] of [
    ['home', '/'],
    ['browse', `/d/${world.sources.laptop}/browse?p=/home/anna/Документы`],
  ].filter(([name]) => isWanted(name))) {
    await visit(on, { path, language: 'ru-RU', width: 390, height: 844 }, async (page) => {
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: `${folder}portal-${name}-phone-ru.png` });
    });
  }
} finally {
  await on.browser.close();
  await world.end();
}
