//! Charts can be read: whatever the width, the language and the range, no label stands on another one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, stage, visit } from './page.mjs';

const DAY_MS = 86_400_000;

/** Days of a repository that grows, the newest first, as the server gives them. */
function days(count) {
  const last = Date.UTC(2026, 10, 20, 21, 30);
  return Array.from({ length: count }, (_, index) => {
    const stored = 4e12 - index * 7e9;
    return {
      measured_at: new Date(last - index * DAY_MS).toISOString(),
      stored_bytes: stored,
      plain_bytes: stored * 2,
      restored_bytes: stored * 9,
      snapshots: 400 - index,
      blobs: 1,
      packs: 1,
      ratio: 3,
    };
  });
}

/** Remembers what is written on canvases: each text with the room it takes. */
function remember() {
  window.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    const at = this.getTransform().transformPoint({ x, y });
    const width = this.measureText(text).width;
    const left = at.x - width * ({ center: 0.5, right: 1, end: 1 }[this.textAlign] ?? 0);
    window.written.push({ text, left, right: left + width, y: Math.round(at.y), room: this.canvas.width });
    return write.call(this, text, x, y, ...rest);
  };
}

/** Texts that stand on another one, or partly outside. */
function unreadable(written) {
  const labels = [
    ...new Map(written.map((one) => [`${one.text} ${one.y} ${Math.round(one.left)}`, one])).values(),
  ];
  const over = labels.filter((one) =>
    labels.some(
      (other) => other !== one && other.y === one.y && other.left < one.right && one.left < other.right,
    ),
  );
  const outside = labels.filter(({ left, right, room }) => left < 0 || right > room);
  return [...over, ...outside].map(({ text }) => text);
}

describe('charts', () => {
  const on = stage({ before, after });

  for (const language of ['en-GB', 'ru-RU']) {
    for (const count of [2, 45, 900]) {
      test(`${count} days, ${language}: labels stand apart at every width`, async () => {
        for (const width of [320, 480, 768, 1024, 1600]) {
          const look = { who: 'admin', path: '/admin/roles', language, width };
          await visit(on, look, async (page) => {
            await page.addInitScript(remember);
            await page.route('**/usage*', (route) => route.fulfill({ json: days(count) }));
            await page.goto(`/admin/repos/${on.world.repository}`);
            await page.locator('.uplot canvas').waitFor();
            await page.waitForFunction(() => window.written.length > 3);
            const written = await page.evaluate(() => window.written);
            assert.deepEqual(unreadable(written), [], `${width} px: ${written.map(({ text }) => text)}`);
            assert.ok(written.length >= 4, 'both axes say something');
            if (width === 1024) assert.deepEqual(await faults(page), []);
          });
        }
      });
    }
  }
});
