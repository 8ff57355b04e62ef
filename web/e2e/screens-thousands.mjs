//! Takes pictures of a timeline of two thousand snapshots, and of what went at once: `node e2e/screens-thousands.mjs`.
import { fileURLToPath } from 'node:url';
import { startBrowser, startWorld } from './harness.mjs';
import { visit } from './page.mjs';
import { addThousands, heldAt, wentAt } from './thousands.mjs';

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));
const world = await startWorld();
await addThousands(world);
const on = { world, browser: await startBrowser() };
const before = new Date(wentAt.getTime() - 3_600_000).toISOString();
const at = `/d/${world.sources.archive}`;
const row = (name) => (page) => page.getByRole('row', { name }).first().waitFor();
const pictures = [
  ['browse-thousands', `${at}/browse?p=/home/anna/Photos&at=${wentAt.toISOString()}`, row(/2024.*last seen/)],
  ['browse-held', `${at}/browse?p=/home/anna&at=${heldAt.toISOString()}`, row(/Photos/), 'admin'],
  ['diff-alarm', `${at}/diff?a=${before}&b=${wentAt.toISOString()}`, row(/IMG_1\.raw/)],
];
try {
  for (const [name, path, ready, who] of pictures) {
    for (const colors of ['light', 'dark']) {
      await visit(on, { path, colors, who }, async (page) => {
        await ready(page);
        await page.waitForLoadState('networkidle');
        if (name.startsWith('diff')) {
          for (const file of ['IMG_0.raw', 'IMG_1.raw'])
            await page.getByRole('checkbox', { name: `Select ${file}` }).click({ force: true });
          await page.getByText('What you select').waitFor();
        }
        await page.screenshot({ path: `${folder}portal-${name}-${colors}.png` });
      });
    }
  }
} finally {
  await on.browser.close();
  await world.end();
}
