//! People who sign in with an account of elsewhere: at a certified provider, which the administrator adds in the console.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { client, PEOPLE, signIn, startBrowser, startServer } from './harness.mjs';
import { faults, signInByHand, visit } from './page.mjs';
import { startProvider } from './provider.mjs';

describe('signing in with an account of elsewhere', () => {
  const on = {};
  const out = { who: null };
  let corporation;
  let isBroken = false;
  /** Each step stands on those before: when one fails, the others say nothing. */
  const step = (name, take) =>
    test(name, async (t) => {
      if (isBroken) return t.skip('a step before it failed');
      isBroken = true;
      await take();
      isBroken = false;
    });

  before(async () => {
    on.world = await startServer();
    const { world } = on;
    const nobody = client(world.url);
    await nobody.post('/api/v1/set-up', { token: world.link.split('#')[1], ...PEOPLE.root });
    world.root = await signIn(world.url, PEOPLE.root);
    await world.root.post('/api/v1/orgs', { name: 'acme', title: 'Acme' });
    corporation = await startProvider();
    on.browser = await startBrowser();
  });
  after(async () => {
    await on.browser?.close();
    await corporation?.end();
    await on.world?.end();
  });

  /** Fills the provider's own page in, and agrees to what is asked for there. */
  async function vouch(page, name, answer = 'agree') {
    await page.locator('input[name=login]').fill(name);
    await page.locator('input[name=password]').fill(`${name}-pw`);
    await page.locator('button[type=submit]').click();
    await page.locator(`button[value=${answer}]`).click();
  }

  const go = (page) => page.getByRole('link', { name: 'Sign in with Corporation' }).click();

  step('the administrator adds the provider in the console: groups become roles', () =>
    visit(on, { who: 'root', path: '/admin/providers' }, async (page) => {
      await page.getByRole('button', { name: 'Add a provider' }).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Shown as').fill('Corporation');
      await dialog.getByLabel('Name', { exact: true }).fill('corp');
      await dialog.getByLabel('Issuer').fill('http://elsewhere.example');
      await dialog.getByLabel('Client id').fill('not registered yet');
      await dialog.getByLabel('Groups become roles').fill('staff = user @ nowhere');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByText('An issuer is an address that begins with https://').waitFor();
      assert.deepEqual(await faults(page), []);
      await dialog.getByLabel('Issuer').fill(corporation.issuer);
      await dialog
        .getByLabel('Groups become roles')
        .fill('backup-admins = admin @ acme\nstaff = user @ acme');
      await dialog.getByRole('button', { name: 'Save' }).click();

      // What the provider has to know stands in the dialog that follows, to be copied; what it answers is written there.
      await dialog.getByText('Redirect address to register there').waitFor();
      const [redirect, logout] = await dialog.locator('code').allTextContents();
      assert.match(redirect, new RegExp(`^${on.world.url}/api/v1/sign-in/oidc/[0-9a-f-]+/callback$`));
      corporation.registered = await corporation.register({ redirect, logout, home: `${on.world.url}/` });
      await dialog.getByLabel('Client id').fill(corporation.registered.client_id);
      await dialog.getByLabel('Client secret').fill('a secret that is wrong');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'detached' });
      assert.deepEqual(await faults(page), []);
    }),
  );

  step('with a wrong secret nobody comes in, and the page says whose fault it is', () =>
    visit(on, { ...out, path: '/sign-in?next=/search' }, async (page) => {
      await go(page);
      await vouch(page, 'bob');
      await page.waitForURL(/\/sign-in\?/);
      await page
        .getByRole('alert')
        .getByText(/client id or secret/)
        .waitFor();
      assert.match(page.url(), /next=/, 'where one wanted to go is not forgotten');
      assert.deepEqual(await faults(page), []);
    }),
  );

  step('the administrator puts the secret right', () =>
    visit(on, { who: 'root', path: '/admin/providers' }, async (page) => {
      await page.getByRole('button', { name: 'Change Corporation' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Client secret').fill(corporation.registered.client_secret);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.waitFor({ state: 'detached' });
    }),
  );

  step('a new person signs in by its button, lands where they wanted to, and signs out here and there', () =>
    visit(on, { ...out, path: '/sign-in?next=/settings' }, async (page) => {
      await page.getByRole('link', { name: 'Sign in with Corporation' }).waitFor();
      assert.deepEqual(await faults(page), []);
      await go(page);
      await vouch(page, 'bob');
      await page.waitForURL(`${on.world.url}/settings`);
      await page.getByRole('button', { name: 'Account: bob' }).click();
      // Staff have files, and no console.
      assert.equal(await page.getByRole('menuitem', { name: 'Console' }).count(), 0);
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.waitForURL(`${corporation.issuer}/**`);
      await page.locator('button[value=yes]').click();
      await page.waitForURL(`${on.world.url}/**`);
      await page.getByRole('link', { name: 'Sign in with Corporation' }).waitFor();
    }),
  );

  step('an administrator of the provider’s groups finds the console', () =>
    visit(on, { ...out, path: '/sign-in?next=/admin' }, async (page) => {
      await go(page);
      await vouch(page, 'alice');
      await page.waitForURL(`${on.world.url}/admin`);
      await page.getByRole('heading', { name: 'Nothing is protected yet' }).waitFor();
      await page.goto('/admin/users');
      await page.getByRole('row', { name: /bob@example\.test.*User/ }).waitFor();
      await page.getByRole('row', { name: /alice@example\.test.*Administrator/ }).waitFor();
    }),
  );

  step('who does not agree at the provider is told so, and may try again', () =>
    visit(on, { ...out, path: '/sign-in', language: 'ru-RU' }, async (page) => {
      await page.getByRole('link', { name: 'Войти через Corporation' }).click();
      await vouch(page, 'bob', 'refuse');
      await page.waitForURL(/\/sign-in\?error=declined/);
      await page
        .getByRole('alert')
        .getByText(/не дали согласия/)
        .waitFor();
      assert.deepEqual(await faults(page), []);
    }),
  );

  step('who is in no group is told whom to ask', () =>
    visit(on, { ...out, path: '/sign-in' }, async (page) => {
      await go(page);
      await vouch(page, 'mallory');
      await page
        .getByRole('alert')
        .getByText(/none of your groups/)
        .waitFor();
    }),
  );

  step('an answer that nobody here asked for is no way in', () =>
    visit(on, { ...out, path: '/sign-in' }, async (page) => {
      const href = await page.getByRole('link', { name: 'Sign in with Corporation' }).getAttribute('href');
      await page.goto(`${href.split('?')[0]}/callback?code=stolen&state=made-up`);
      await page
        .getByRole('alert')
        .getByText(/took too long/)
        .waitFor();
      await signInByHand(page, 'root');
      await page.getByRole('button', { name: 'Account: Root' }).waitFor();
    }),
  );
});
