//! Takes a picture of every step of a restore, and of a line of time whose storage locks, light and dark, into docs/screens:
//! `node e2e/screens-restore.mjs`.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBrowser, startWorld } from './harness.mjs';
import { startLockedWorld } from './locked.mjs';
import { visit } from './page.mjs';

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));
mkdirSync(folder, { recursive: true });
const COLORS = ['light', 'dark'];

/** Has pictures taken in a world, which ends then. */
async function within(world, take) {
  const on = { world, browser: await startBrowser() };
  try {
    for (const colors of COLORS) await take(on, colors);
  } finally {
    await on.browser.close();
    await world.end();
  }
}

const picture = async (page, name, colors) => {
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${folder}portal-${name}-${colors}.png` });
};

await within(await startWorld(), (on, colors) =>
  visit(
    on,
    { path: `/d/${on.world.sources.laptop}/browse?p=/home/anna/Документы/2026`, colors },
    async (page) => {
      await page.getByRole('row', { name: /План\.md/ }).waitFor();
      for (const name of ['План.md', 'Смета.csv', 'Отчёт за март.txt'])
        await page.getByRole('checkbox', { name: `Select ${name}` }).click({ force: true });
      await page.getByRole('button', { name: 'Restore…' }).click();
      await page.getByRole('button', { name: 'Check first' }).waitFor();
      await picture(page, 'restore-dialog', colors);
      await page.getByRole('button', { name: 'Check first' }).click();
      await page.getByText('Nothing was written yet').waitFor();
      await picture(page, 'restore-check', colors);
      await page.getByRole('button', { name: /^Restore \d+ files?$/ }).click();
      await page.getByRole('heading', { name: 'Everything is back' }).waitFor();
      await picture(page, 'restore-done', colors);
    },
  ),
);

await within(await startLockedWorld(), (on, colors) =>
  visit(on, { path: `/d/${on.world.source}/browse?p=/home/anna`, colors }, async (page) => {
    await page.getByText(/^Locked until/).waitFor();
    await picture(page, 'browse-locked', colors);
    await page.goto(`/d/${on.world.source}`);
    await page.getByRole('columnheader', { name: 'Locked until' }).waitFor();
    await picture(page, 'device-locked', colors);
  }),
);
