//! From an empty installation to the first scheduled snapshot, without the command line but for the agent itself.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, program, signIn, startBrowser, until, ZONE } from './harness.mjs';
import { faults } from './page.mjs';

const ROOT = { email: 'ruth@example.org', name: 'Ruth', password: 'a long password of ruth' };
const ADMIN = { email: 'ada@example.org', name: 'Ada', password: 'a long password of ada' };
const WAIT_MS = 20_000;
/** A run begins at a full minute, and agents ask every few seconds. */
const SCHEDULED_MS = 120_000;

describe('an administrator with an empty installation', () => {
  const on = { ends: [] };
  const wrong = [];
  let isBroken = false;
  /** Each step stands on those before: when one fails, the others say nothing. */
  const step = (name, take) =>
    test(name, async (t) => {
      if (isBroken) return t.skip('a step before it failed');
      isBroken = true;
      try {
        await take();
      } catch (error) {
        const picture = join(tmpdir(), 'bygone-failed-step.png');
        await on.page?.screenshot({ path: picture }).catch(() => undefined);
        throw new Error(`${error.message}\n${on.page?.url()}, as in ${picture}\n${wrong.join('\n')}`);
      }
      isBroken = false;
    });

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bygone-first-'));
    on.ends.push(() => rmSync(folder, { recursive: true, force: true }));
    on.folder = folder;
    on.files = join(folder, 'documents');
    mkdirSync(on.files);
    for (let n = 0; n < 20; n++)
      writeFileSync(join(on.files, `letter-${n}.txt`), `Letter ${n}\n`.repeat(500));
    const port = await freePort();
    on.url = `http://127.0.0.1:${port}`;
    const server = program(['serve'], {
      BYGONE_SERVER__DATA: join(folder, 'data'),
      BYGONE_SERVER__LISTEN: `127.0.0.1:${port}`,
      BYGONE_SERVER__AGENT_LISTEN: `127.0.0.1:${await freePort()}`,
    });
    on.ends.push(() => server.end());
    on.link = await server.says(/https?:\/\/\S+\/set-up#\S+/);
    const browser = await startBrowser();
    on.ends.push(() => browser.close());
    const context = await browser.newContext({
      locale: 'en-GB',
      timezoneId: ZONE,
      baseURL: on.url,
      reducedMotion: 'reduce',
      viewport: { width: 1360, height: 900 },
    });
    on.page = await context.newPage();
    on.page.setDefaultTimeout(WAIT_MS);
    on.page.on('pageerror', (error) => wrong.push(error.message));
    on.page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 40[134]/.test(message.text())) wrong.push(message.text());
    });
    await on.page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
  });

  after(async () => {
    for (const end of on.ends.reverse()) await end();
    assert.deepEqual(wrong, []);
  });

  step('opens the link of the first start, and runs the installation', async () => {
    const { page } = on;
    await page.goto(on.link);
    await page.getByLabel('Name').fill(ROOT.name);
    await page.getByLabel('E-mail').fill(ROOT.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(ROOT.password);
    await page.locator('button[type=submit]').click();
    await page.waitForURL(/\/admin/);
    await page.getByRole('button', { name: `Account: ${ROOT.name}` }).waitFor();
  });

  step('lets an organization have its own administrator, who chooses a password', async () => {
    const root = await signIn(on.url, ROOT);
    on.org = (await root.post('/api/v1/orgs', { name: 'acme', title: 'Acme' })).uid;
    const at = `/api/v1/orgs/${on.org}/users`;
    const user = await root.post(at, { email: ADMIN.email, name: ADMIN.name, role: 'admin' });
    const { token } = await root.post(`${at}/${user.uid}/password-link`, {});
    const { page } = on;
    await page.context().clearCookies();
    await page.goto(`/password#${token}`);
    await page.getByRole('textbox', { name: 'password' }).fill(ADMIN.password);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await page.goto('/sign-in?next=/admin');
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Nothing is protected yet' }).waitFor();
    assert.deepEqual(await faults(page), []);
  });

  step('makes a repository', async () => {
    const { page } = on;
    await page.goto('/admin/repos/new');
    await page.getByLabel('Name').fill('main');
    await page.getByRole('textbox', { name: /Password/ }).fill('the password of the repository');
    await page.locator('form button[type=submit]').click();
    await page.getByRole('heading', { name: 'main', level: 1 }).waitFor();
  });

  step('enrols a machine by the command that is shown', async () => {
    const { page } = on;
    await page.goto('/admin');
    await page.getByRole('link', { name: 'Enrol a machine' }).click();
    await page.getByLabel('What for').fill('the first one');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('Waiting for the machine…').waitFor();
    const command = await page.locator('code', { hasText: 'bygone agent enrol' }).textContent();
    const [, token, address] = /^echo (\S+) \| bygone agent enrol --server (\S+) --token-file -$/.exec(
      command,
    );
    assert.deepEqual(await faults(page), []);

    const state = join(on.folder, 'agent');
    writeFileSync(join(on.folder, 'token'), token);
    const enrol = program([
      ...['agent', 'enrol', '--server', address],
      ...['--token-file', join(on.folder, 'token'), '--state', state],
    ]);
    assert.equal(await enrol.ended, 0, enrol.output());
    const agent = program(['agent', 'run', '--state', state]);
    on.ends.push(() => agent.end());
    // Nobody presses anything: the page hears of the machine by itself.
    await page.getByText('is enrolled').waitFor();
    await page.getByRole('link', { name: /^Open / }).click();
    await page.getByText('Here', { exact: true }).waitFor();
  });

  step('says what of it is to be protected', async () => {
    const { page } = on;
    await page.getByRole('button', { name: 'Add a source' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Documents');
    await dialog.getByLabel('Folders and files').fill('documents');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Write at least one absolute path').waitFor();
    await dialog.getByLabel('Folders and files').fill(on.files);
    assert.deepEqual(await faults(page), []);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Make a plan for it' }).click();
  });

  step('makes a plan step by step, and sees its next runs before it is kept', async () => {
    const { page } = on;
    const next = () => page.getByRole('button', { name: 'Next', exact: true }).click();
    await page.getByLabel('Name').fill('Every minute');
    assert.ok(await page.getByRole('checkbox', { name: /Documents/ }).isChecked());
    assert.deepEqual(await faults(page), []);
    await next();
    await page.getByLabel('Patterns', { exact: true }).fill('*.tmp');
    await next();
    await next();
    await page.getByText('Choose at least one repository').waitFor();
    await page.getByText('main', { exact: false }).first().click();
    await next();
    await page.getByRole('button', { name: /every day/ }).click();
    await page.getByRole('option', { name: 'by a cron expression' }).click();
    await page.getByRole('textbox', { name: 'Expression' }).fill('* * * * *');
    await page.getByLabel('Spread the start over').fill('0');
    const runs = page.getByRole('group', { name: 'Next runs' }).getByRole('row');
    await until('ten runs and their heads', async () => (await runs.count()) === 11);
    assert.deepEqual(await faults(page), []);
    await next();
    await page.getByText('Kept: 7 daily, 5 weekly and 12 monthly.').waitFor();
    assert.deepEqual(await faults(page), []);
    await next();
    await page.getByText('Commands around the backup').waitFor();
    assert.deepEqual(await faults(page), []);
    await next();
    await page.getByText('By the expression * * * * *', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Make the plan' }).click();
    await page.getByRole('heading', { name: 'Every minute', level: 1 }).waitFor();
    assert.deepEqual(await faults(page), []);
  });

  step('sees the first scheduled snapshot come, without loading the page again', async () => {
    const { page } = on;
    await page.getByRole('link', { name: 'Jobs', exact: true }).first().click();
    const backup = page.getByRole('row', { name: /Backup · Documents.*Done/ }).first();
    await backup.waitFor({ timeout: SCHEDULED_MS });
    assert.deepEqual(await faults(page), []);
    await backup.getByRole('link', { name: 'Backup · Documents' }).click();
    await page.getByRole('heading', { name: 'What was done' }).waitFor();
    await page.getByText('by the server', { exact: false }).waitFor();
    assert.deepEqual(await faults(page), []);

    const admin = await signIn(on.url, ADMIN);
    const { items } = await until('the snapshot in the catalog', async () => {
      const found = await admin.get(`/api/v1/orgs/${on.org}/snapshots`);
      return found.items.length > 0 && found;
    });
    assert.deepEqual(items[0].paths, [on.files]);
  });

  step('finds everything in order on the dashboard and in the calendar', async () => {
    const { page } = on;
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByText('1 of 1').first().waitFor();
    await page.getByText('Nothing needs you.').waitFor();
    assert.deepEqual(await faults(page), []);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('link', { name: /done/ }).first().click();
    await page.getByRole('link', { name: 'Backup · Documents' }).first().waitFor();
    assert.deepEqual(await faults(page), []);
  });

  step('turns the plan off, changes it, and brings the first version back', async () => {
    const { page } = on;
    await page.getByRole('link', { name: 'Plans', exact: true }).first().click();
    await page.getByRole('link', { name: 'Every minute' }).click();
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Turn off' }).click();
    await page.getByText('The plan is off: it runs only by hand.').waitFor();
    await page.getByRole('link', { name: 'Change' }).click();
    await page.getByLabel('Name').fill('Every hour');
    await page.getByRole('button', { name: /Check/ }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Every hour', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'Bring back: Version 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
    await page.getByRole('heading', { name: 'Every minute', level: 1 }).waitFor();
    await page.getByText('version 1 brought back').waitFor();
    assert.deepEqual(await faults(page), []);
  });

  step('revokes the machine by writing its name', async () => {
    const { page } = on;
    await page.getByRole('link', { name: 'Machines', exact: true }).first().click();
    await page.getByRole('grid', { name: 'Machines' }).focus();
    assert.deepEqual(await faults(page), []);
    await page.keyboard.press('Enter');
    const name = await page.getByRole('heading', { level: 1 }).textContent();
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog');
    assert.ok(await dialog.getByRole('button', { name: 'Revoke' }).isDisabled());
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked', { exact: true }).first().waitFor();
  });
});
