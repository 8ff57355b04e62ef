//! What journeys do in a browser, in the words of who sits before it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PEOPLE, startBrowser, startWorld, ZONE } from './harness.mjs';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** What is not there by then does not come. */
const WAIT_MS = 15_000;
/** What a browser writes down of refusals that a page shows, and of a network that a test takes away. */
const EXPECTED = /status of 40[134]|ERR_INTERNET_DISCONNECTED/;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A world and a browser for the tests of a file. */
export function stage(hooks) {
  const on = {};
  hooks.before(async () => {
    on.world = await startWorld();
    on.browser = await startBrowser();
  });
  hooks.after(async () => {
    await on.browser?.close();
    await on.world?.end();
  });
  return on;
}

/** A page of somebody who is signed in; at its end nothing may have gone wrong in it. */
export async function visit(on, options = {}, use) {
  const {
    who = 'anna',
    path = '/',
    language = 'en-GB',
    colors = 'light',
    forcedColors = 'none',
    width = 1280,
    height = 820,
  } = options;
  const context = await on.browser.newContext({
    viewport: { width, height },
    locale: language,
    colorScheme: colors,
    forcedColors,
    timezoneId: ZONE,
    baseURL: on.world.url,
    reducedMotion: 'reduce',
  });
  const wrong = [];
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) wrong.push(message.text());
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(
          `content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`,
        );
      });
    });
    if (who) await context.addCookies([sessionOf(on.world, who)]);
    await page.goto(path);
    const result = await use(page, context);
    assert.deepEqual(wrong, []);
    return result;
  } finally {
    await context.close();
  }
}

/** Without TLS the cookie has its plain name. */
function sessionOf(world, who) {
  const [name, ...value] = world[who].cookie.split('; ')[0].split('=');
  return { name, value: value.join('='), url: world.url, httpOnly: true, sameSite: 'Lax' };
}

/** Signs in as people do. */
export async function signInByHand(page, who) {
  await page.getByLabel('E-mail').fill(PEOPLE[who].email);
  await page.getByLabel('Password', { exact: true }).fill(PEOPLE[who].password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** What axe has against a page, a line each. */
export async function faults(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`)
        .slice(0, 3)
        .join(' | ')}`,
  );
}

/** Takes what a press downloads. */
export async function downloaded(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks), url: download.url() };
}

/** The files of a zip that compresses nothing, as ours. */
export function unzip(zip) {
  const files = new Map();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  let count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const end64 = zip.lastIndexOf(Buffer.from('PK\x06\x06'));
  if (end64 >= 0) {
    count = Number(zip.readBigUInt64LE(end64 + 32));
    at = Number(zip.readBigUInt64LE(end64 + 48));
  }
  for (let n = 0; n < count; n++) {
    assert.equal(zip.readUInt16LE(at + 10), 0, 'it is stored');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    );
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString();
    const extra = zip.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const fields = [zip.readUInt32LE(at + 24), zip.readUInt32LE(at + 42)];
    const [size, local] = large(fields, extra, zip.readUInt32LE(at + 20));
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    if (!name.endsWith('/')) files.set(name, zip.subarray(data, data + size));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

/** Sizes and places of four gigabytes and more stand behind the name (zip64). */
function large([size, local], extra, packed) {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const take = (value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    };
    const whole = take(size);
    take(packed);
    return [whole, take(local)];
  }
  return [size, local];
}
