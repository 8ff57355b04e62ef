//! What is kept, and who may do what with it: an administrator at work, in pages that everybody can use.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addPerson, confirm, prove, told } from './console.mjs';
import { PEOPLE, until } from './harness.mjs';
import { PASSWORD } from './history.mjs';
import { keepChanging, keepPages, open, rootPages } from './keep.mjs';
import { downloaded, faults, stage, visit } from './page.mjs';

/** A folder that gets a picture of every page: `docs/screens`. */
const SCREENS = process.env.BYGONE_SCREENS;

describe('the keeping half of the console', () => {
  const on = stage({ before, after });

  before(async () => {
    await addPerson(on.world, 'auditor', { email: 'arthur@example.org', name: 'Arthur', role: 'auditor' });
  });

  test('a gateway credential opens the repository for stock restic, and ends when it is ended', () =>
    visit(on, { who: 'admin', path: `/admin/repos/${on.world.repository}/access` }, async (page) => {
      await page.getByRole('button', { name: 'Make a credential' }).click();
      await page.getByRole('textbox', { name: 'For' }).fill('the mail server');
      await page.getByRole('radio', { name: /^Read/ }).click({ force: true });
      await page.getByRole('dialog').getByRole('button', { name: 'Make a credential' }).click();
      const made = page.getByRole('dialog', { name: 'The credential the mail server' });
      const address = await made.getByText(/^rest:http:\/\/\S+:\S+@/).textContent();
      const restic = () =>
        execFileSync('restic', ['snapshots', '--json', '--no-lock', '--no-cache'], {
          env: { ...process.env, RESTIC_REPOSITORY: address, RESTIC_PASSWORD: PASSWORD },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      assert.ok(JSON.parse(restic()).length > 10, 'restic lists what is there');
      await made.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'End it… the mail server' }).click();
      await confirm(page, 'the mail server', 'End it…', PEOPLE.admin.password);
      await told(page, 'The credential the mail server has ended');
      assert.throws(restic, 'it opens nothing any more');
    }));

  test('a recovery key is shown once, and opens the repository for stock restic until it is removed', () =>
    visit(on, { who: 'admin', path: `/admin/repos/${on.world.repository}/keys` }, async (page) => {
      const servers = page.getByRole('row', { name: /the server’s own/ });
      await servers.waitFor();
      assert.equal(await servers.getByRole('button').count(), 0, 'what the server opens with stays');
      await page.getByRole('button', { name: 'Add a key' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Add a key' }).click();
      await dialog.getByText('Write something here').first().waitFor();
      await dialog.getByLabel('For', { exact: true }).fill('the safe');
      await dialog.getByRole('radio', { name: /^A recovery password/ }).click({ force: true });
      assert.deepEqual(await faults(page), []);
      await dialog.getByRole('button', { name: 'Add a key' }).click();
      const made = page.getByRole('dialog', { name: 'The key for the safe' });
      await prove(page, made.waitFor(), PEOPLE.admin.password);
      const password = await made.getByText(/^([0-9A-Z]{5}-){7}[0-9A-Z]{5}$/).textContent();
      assert.deepEqual(await faults(page), []);
      const restic = () =>
        execFileSync('restic', ['snapshots', '--json', '--no-lock', '--no-cache'], {
          env: {
            ...process.env,
            RESTIC_REPOSITORY: join(on.world.folder, 'stores', 'acme', 'main'),
            RESTIC_PASSWORD: password,
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      assert.ok(JSON.parse(restic()).length > 10, 'restic lists what is there');
      await made.getByRole('button', { name: 'Close' }).click();
      assert.ok(!(await page.content()).includes(password));
      await page.getByRole('button', { name: 'Remove… the safe' }).click();
      const title = await dialog.getByRole('heading').textContent();
      await confirm(page, /the key (\w{8})/.exec(title)[1], 'Remove…', PEOPLE.admin.password);
      await told(page, /^The key \w{8} was removed/);
      assert.throws(restic, 'it opens nothing any more');
    }));

  test('an auditor sees who may open a repository, and is offered nothing else', () =>
    visit(on, { who: 'auditor', path: `/admin/repos/${on.world.repository}/keys` }, async (page) => {
      await page.getByRole('row', { name: /the server’s own/ }).waitFor();
      assert.equal(await page.getByRole('button', { name: /Add a key|Remove/ }).count(), 0);
    }));

  test('a held snapshot is kept by a rule that forgets all others, until the hold is released', () =>
    visit(on, { who: 'admin', path: `/admin/snapshots?repository=${on.world.repository}` }, async (page) => {
      const rows = page.getByRole('row').filter({ hasText: 'anna-laptop' });
      await rows.nth(3).getByRole('link').first().click();
      await page.getByRole('button', { name: 'Hold it' }).click();
      await page.getByLabel('Case').fill('2026-17');
      await page.getByLabel('Reason').fill('asked for by the court');
      await page.getByRole('dialog').getByRole('button', { name: 'Hold it' }).click();
      await told(page, 'The snapshot is held for 2026-17');
      await page.getByRole('row', { name: /2026-17 asked for by the court Boris/ }).waitFor();

      await page.goto(`/admin/repos/${on.world.repository}/immutable`);
      await page.getByText('The storage does not lock files').waitFor();
      await page.getByRole('row', { name: /2026-17 asked for by the court/ }).waitFor();

      await page.goto(`/admin/repos/${on.world.repository}/forget`);
      await page.getByLabel('The last', { exact: true }).fill('1');
      await page.getByRole('button', { name: 'See what happens' }).click();
      await page.waitForURL(/forget\?last=1/);
      await page.getByRole('row', { name: /Held/ }).waitFor();
      await page.getByRole('button', { name: /^Forget \d+ snapshots…$/ }).waitFor();

      await page.goto('/admin/holds');
      await page.getByRole('button', { name: 'Release… 2026-17' }).click();
      await confirm(page, '2026-17', 'Release…', PEOPLE.admin.password);
      await told(page, 'The hold “2026-17” was released');
      await page.getByRole('heading', { name: 'Nothing is held' }).waitFor();
    }));

  test('what happened is in the log, which is whole, and what is shown is what is exported', () =>
    visit(on, { who: 'admin', path: '/admin/audit?resource=hold' }, async (page) => {
      const grid = page.getByRole('grid', { name: 'Audit log' });
      await grid.getByRole('row', { name: /Boris Deleted/ }).waitFor();
      await grid.getByRole('row', { name: /Boris Made/ }).click();
      await page.getByRole('dialog').getByText('asked for by the court').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Is it whole?' }).click();
      await page.getByText(/^Whole: \d+ entries/).waitFor();
      const csv = await downloaded(page, () => page.getByRole('link', { name: 'As CSV' }).click());
      assert.equal(csv.name, 'audit.csv');
      assert.equal(csv.bytes.toString().trim().split(/\r?\n/).length, 3, 'a head, and two entries');
    }));

  test('a grant is made, changed and taken away', () =>
    visit(on, { who: 'admin', path: `/admin/grants?user=${on.world.users.anna}` }, async (page) => {
      await page.getByRole('button', { name: 'Grant something' }).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: /Source/ }).click();
      await page.getByRole('option', { name: 'File server' }).click();
      await dialog.getByLabel('Below the path').fill('/srv/files/private');
      await dialog.getByRole('button', { name: 'Grant something' }).click();
      await told(page, 'The grant was made');
      const row = page.getByRole('row', { name: /\/srv\/files\/private/ });
      await row.getByText('Gives').waitFor();
      await row.getByRole('button', { name: 'Change' }).click();
      await dialog.getByLabel('Only snapshots of the last days').fill('30');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await row.getByText('30 days of history').waitFor();
      await row.getByRole('button', { name: 'Remove…' }).click();
      await confirm(page, 'Anna', 'Remove…', PEOPLE.admin.password);
      await row.waitFor({ state: 'detached' });
    }));

  test('a place is looked at before a repository is made there', () =>
    visit(on, { who: 'admin', path: '/admin/repos/new' }, async (page) => {
      await page.getByRole('radio', { name: 'Storage elsewhere' }).click({ force: true });
      await page.getByLabel('Location').fill('rest:http://127.0.0.1:9/nothing');
      await page.getByRole('button', { name: 'Look there first' }).click();
      await page
        .getByRole('alert')
        .getByText(/does not connect to that address/)
        .waitFor();
      await page.getByRole('button', { name: 'Make the repository' }).click();
      await page.getByText('Write something here').first().waitFor();
    }));

  test('snapshots are copied to another repository, and a prune says first what it would do', () =>
    visit(on, { who: 'admin', path: `/admin/repos/${on.world.repository}/upkeep` }, async (page) => {
      const { admin, org } = on.world;
      const other = await admin.post(`/api/v1/orgs/${org}/repositories`, {
        name: 'second',
        begin: 'create',
        password: 'the password of the second one',
      });
      await page.reload();
      await page.getByRole('button', { name: 'Copy snapshots…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: /To$/ }).click();
      await page.getByRole('option', { name: 'second' }).click();
      assert.deepEqual(await faults(page), []);
      await dialog.getByRole('button', { name: 'Start' }).click();
      await page.waitForURL(/\/admin\/jobs\//);
      await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 60_000 });
      // The catalog hears of them a moment after the job has ended.
      const copies = `/api/v1/orgs/${org}/snapshots?repository=${other.uid}`;
      await until('the copies', async () => (await admin.get(copies)).items.length > 10);

      await page.goto(`/admin/repos/${other.uid}/upkeep`);
      await page.getByRole('button', { name: 'Prune…' }).click();
      await dialog.getByLabel('May stay unused').fill('0');
      assert.deepEqual(await faults(page), []);
      await dialog.getByRole('button', { name: 'Next' }).click();
      await page.waitForURL(/\/admin\/jobs\//);
      const job = page.url().split('/').at(-1);
      const { spec } = await admin.get(`/api/v1/orgs/${org}/jobs/${job}`);
      assert.deepEqual([spec.kind, spec.dry_run, spec.max_unused_percent], ['prune', true, 0]);

      await page.goto(`/admin/repos/${other.uid}/upkeep`);
      await page.getByRole('button', { name: 'Prune…' }).click();
      await dialog.getByRole('radio', { name: 'give the space back' }).click({ force: true });
      await dialog.getByRole('button', { name: 'Next' }).click();
      await confirm(page, 'second', 'Start', PEOPLE.admin.password);
      await page.waitForURL(/\/admin\/jobs\//);
    }));

  test('a repository is mirrored file by file, and stock restic reads the mirror', () =>
    visit(on, { who: 'admin', path: `/admin/repos/${on.world.repository}/upkeep` }, async (page) => {
      const { admin, org, folder } = on.world;
      const at = `/api/v1/orgs/${org}`;
      const place = join(folder, 'stores', 'acme', 'mirror');
      const later = { name: 'mirror', begin: 'later', location: place, password: PASSWORD };
      const mirror = await admin.post(`${at}/repositories`, later);
      await page.reload();
      await page.getByRole('button', { name: 'Mirror…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Start' }).click();
      await dialog.getByText('Choose one').waitFor();
      await dialog.getByRole('button', { name: /Mirror$/ }).click();
      await page.getByRole('option', { name: 'mirror' }).click();
      assert.deepEqual(await faults(page), []);
      await dialog.getByRole('button', { name: 'Start' }).click();
      await page.waitForURL(/\/admin\/jobs\//);
      await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 60_000 });

      const restic = (repository, ...args) =>
        execFileSync('restic', [...args, '-r', repository, '--no-cache', '--no-lock'], {
          env: { ...process.env, RESTIC_PASSWORD: PASSWORD },
          stdio: ['ignore', 'pipe', 'pipe'],
        }).toString();
      assert.match(restic(place, 'check', '--read-data'), /no errors were found/);
      // Sorted: restic lists what one second made in any order.
      const ids = (repository) =>
        JSON.parse(restic(repository, 'snapshots', '--json'))
          .map(({ id }) => id)
          .sort();
      assert.deepEqual(ids(place), ids(join(folder, 'stores', 'acme', 'main')), 'the same, not copies');

      await page.goto(`/admin/repos/${on.world.repository}`);
      await page.getByRole('listitem').filter({ hasText: 'mirror' }).waitFor();
      await page.goto(`/admin/repos/${mirror.uid}`);
      await page.getByRole('listitem').filter({ hasText: 'main' }).waitFor();
    }));

  test('what somebody else holds shows up by itself', () =>
    visit(on, { who: 'auditor', path: '/admin/holds' }, async (page) => {
      await page.getByRole('heading', { name: 'Nothing is held' }).waitFor();
      const at = `/api/v1/orgs/${on.world.org}`;
      const [{ id }] = (await on.world.admin.get(`${at}/snapshots?repository=${on.world.repository}`)).items;
      const holds = `${at}/repositories/${on.world.repository}/snapshots/${id}/holds`;
      await on.world.admin.post(holds, { case: '2026-18', reason: 'a second question' });
      await page.getByRole('row', { name: /2026-18 a second question|a second question/ }).waitFor();
    }));

  const looks = [
    { name: 'light', colors: 'light' },
    { name: 'dark', colors: 'dark' },
    { name: 'a small phone in Russian', language: 'ru-RU', width: 320, height: 640 },
    // A window of 1280 that is zoomed to 200 % has room for 640 of the page's pixels.
    { name: 'zoomed to 200 %, in Russian', language: 'ru-RU', width: 640, height: 410 },
    { name: 'colors of one’s own', forcedColors: 'active' },
  ];
  for (const { name, ...look } of looks) {
    test(`every page can be used by everybody: ${name}`, async () => {
      const found = [];
      const walk = (who, paths) =>
        visit(on, { who, path: '/admin/roles', ...look }, async (page) => {
          for (const path of paths) {
            await open(page, path);
            found.push(...(await faults(page)).map((fault) => `${who} ${path}: ${fault}`));
            const isWider = await page.evaluate(
              () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
            );
            if (isWider) found.push(`${who} ${path}: wider than the window`);
            if (SCREENS && look.colors) await picture(page, who, path, look.colors);
          }
        });
      await walk('admin', [...keepPages(on.world), ...keepChanging(on.world)]);
      await walk('root', rootPages());
      assert.deepEqual(found, []);
    });
  }
});

/** Keeps a picture of a page, named by its address without what is another one in every world. */
async function picture(page, who, path, colors) {
  const words = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'one').replace(/\?.*/, '');
  const name = words.replace('/admin', who === 'root' ? 'root' : 'console').replaceAll('/', '-');
  await page.screenshot({ path: join(SCREENS, `${name}-${colors}.png`) });
}
