//! What is kept, and who may do what with it: an administrator at work, an auditor who touches nothing, two organizations apart.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addPerson, addRivals } from './console.mjs';
import { PEOPLE } from './harness.mjs';
import { PASSWORD } from './history.mjs';
import { downloaded, faults, stage, visit } from './page.mjs';

/** A folder that gets a picture of every page: `docs/screens`. */
const SCREENS = process.env.BYGONE_SCREENS;

/** Every page of this half, as who belongs to the organization finds it. */
const pages = (world) => [
  '/admin/repos',
  `/admin/repos/${world.repository}`,
  `/admin/repos/${world.repository}/access`,
  '/admin/snapshots',
  '/admin/holds',
  '/admin/credentials',
  '/admin/users',
  `/admin/users/${world.users.anna}`,
  '/admin/grants',
  '/admin/roles',
  '/admin/tokens',
  '/admin/audit',
  '/admin/organization',
  '/admin/api',
];

/** What only who may change something finds. */
const changing = (world) => [
  '/admin/repos/new',
  `/admin/repos/${world.repository}/upkeep`,
  `/admin/repos/${world.repository}/settings`,
  `/admin/repos/${world.repository}/forget?last=3`,
  '/admin/providers',
];

/** What root has: the installation, and of organizations how they are used. */
const roots = () => [
  '/admin/orgs',
  '/admin/users',
  '/admin/roles',
  '/admin/providers',
  '/admin/audit',
  '/admin/settings',
  '/admin/api',
  '/admin/o/acme/repos',
  '/admin/o/acme/users',
  '/admin/o/acme/audit',
];

/** Writes the name of a thing where a dialog asks for it, and does it; then proves oneself, if that is asked for. */
async function confirm(page, name, verb, password) {
  const dialog = page.getByRole('dialog');
  const button = dialog.getByRole('button', { name: verb });
  assert.equal(await button.isDisabled(), true, 'nothing is done before the name is written');
  await dialog.getByRole('textbox').fill(name);
  await button.click();
  const proof = page.getByRole('dialog', { name: 'Prove that it is you' });
  await Promise.race([proof.waitFor(), dialog.waitFor({ state: 'detached' })]);
  if (!(await proof.isVisible())) return;
  await proof.getByLabel('Password', { exact: true }).fill(password);
  await proof.getByRole('button', { name: 'Go on' }).click();
  await proof.waitFor({ state: 'detached' });
}

const told = (page, words) => page.getByRole('log', { name: 'Messages' }).getByText(words).waitFor();

/** The page of an address, when it is as it will be. */
async function open(page, path) {
  await page.goto(path);
  await page.getByRole('heading').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[class*="_skeleton_"]'));
}

describe('the keeping half of the console', () => {
  const on = stage({ before, after });
  let rivals;

  before(async () => {
    await addPerson(on.world, 'auditor', { email: 'arthur@example.org', name: 'Arthur', role: 'auditor' });
    rivals = await addRivals(on.world);
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

  test('an auditor reads everything, and is offered nothing to change', () =>
    visit(on, { who: 'auditor', path: '/admin/roles' }, async (page) => {
      const verbs =
        /^(Add|Make|Change|Keep|Grant|Hold|Release|End|Remove|Delete|Replace|Forget|Pause|Save|Start|Verify|Prune|What can)/;
      for (const path of [...pages(on.world), ...changing(on.world)]) {
        await open(page, path);
        const said = await page.getByRole('button').allTextContents();
        const offered = said.filter((words) => verbs.test(words));
        assert.deepEqual(offered, [], path);
      }
      for (const path of pages(on.world)) {
        await open(page, path);
        assert.equal(await page.getByText('You may see this, but not do it').count(), 0, path);
      }
    }));

  test('what an auditor is not offered is refused to them as well', async () => {
    const at = `/api/v1/orgs/${on.world.org}`;
    const tries = [
      [`${at}/repositories/${on.world.repository}/test`, {}],
      [`${at}/repositories/${on.world.repository}/gateway-credentials`, { name: 'mine' }],
      [`${at}/users`, { email: 'x@example.org', name: 'X', role: 'admin' }],
      [`${at}/jobs`, { spec: { kind: 'catalog', repository: on.world.repository } }],
    ];
    for (const [path, body] of tries) await assert.rejects(on.world.auditor.post(path, body), /: 403 /, path);
  });

  test('two organizations never meet', async () => {
    const ours = [
      `/admin/repos/${on.world.repository}`,
      `/admin/repos/${on.world.repository}/access`,
      `/admin/users/${on.world.users.anna}`,
      `/admin/grants?user=${on.world.users.anna}`,
    ];
    const lists = ['repos', 'snapshots', 'users', 'audit', 'holds', 'tokens', 'credentials'];
    await visit(on, { who: 'rita', path: '/admin/roles' }, async (page) => {
      for (const path of [...ours, ...lists.map((list) => `/admin/${list}`)]) {
        await open(page, path);
        if (ours.includes(path))
          await page.getByText(/Nothing is here for you|No grant is like that/).waitFor();
        assert.doesNotMatch(await page.locator('#root').textContent(), /Anna|Boris|acme/i, path);
      }
    });
    await visit(on, { who: 'admin', path: `/admin/repos/${rivals.repository}` }, (page) =>
      page.getByText('Nothing is here for you').waitFor(),
    );
    // Not even root looks into snapshots: there is no way to them.
    await visit(on, { who: 'root', path: '/admin/o/rival/repos' }, async (page) => {
      await page.getByRole('link', { name: 'secret-place' }).click();
      await page.getByRole('heading', { name: 'secret-place' }).waitFor();
      assert.equal(await page.getByRole('link', { name: /snapshots/i }).count(), 0);
    });
  });

  const looks = [
    { language: 'en-GB', colors: 'light', width: 1280 },
    { language: 'en-GB', colors: 'dark', width: 1280 },
    { language: 'ru-RU', colors: 'light', width: 320 },
  ];
  for (const look of looks) {
    test(`every page can be used by everybody: ${Object.values(look).join(', ')}`, async () => {
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
            if (SCREENS && look.width > 1000) await picture(page, who, path, look.colors);
          }
        });
      await walk('admin', [...pages(on.world), ...changing(on.world)]);
      await walk('root', roots());
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
