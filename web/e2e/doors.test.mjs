//! Coming in: the link of the first start, the link to choose a password, the second factor, and what is done in the settings.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { PEOPLE, signIn, startBrowser, startServer } from './harness.mjs';
import { signInByHand, visit } from './page.mjs';

describe('coming in', () => {
  const on = {};
  let secret;
  before(async () => {
    on.world = await startServer();
    on.browser = await startBrowser();
  });
  after(async () => {
    await on.browser?.close();
    await on.world?.end();
  });
  const out = { who: null };

  test('the link of the first start makes the first administrator, and leads to the console', () =>
    visit(on, { ...out, path: on.world.link.replace(on.world.url, '') }, async (page) => {
      const { name, email, password } = PEOPLE.root;
      await page.getByLabel('Your name').fill(name);
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('New password', { exact: true }).fill(password);
      assert.equal(new URL(page.url()).hash, '', 'the token is taken out of the address');
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.waitForURL(/\/admin/);
    }));

  test('the link works once', () =>
    visit(on, { ...out, path: on.world.link.replace(on.world.url, '') }, async (page) => {
      await page.getByLabel('Your name').fill('Somebody');
      await page.getByLabel('E-mail').fill('else@example.org');
      await page.getByLabel('New password', { exact: true }).fill('a long password of somebody');
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.getByRole('alert').waitFor();
    }));

  test('a link from an administrator lets one choose a password, and sign in with it', async () => {
    const root = await signIn(on.world.url, PEOPLE.root);
    const org = await root.post('/api/v1/orgs', { name: 'acme', title: 'Acme' });
    const { email, name } = PEOPLE.anna;
    const user = await root.post(`/api/v1/orgs/${org.uid}/users`, { email, name, role: 'user' });
    const made = await root.post(`/api/v1/orgs/${org.uid}/users/${user.uid}/password-link`, {});
    await visit(on, { ...out, path: made.path }, async (page) => {
      await page.getByLabel('New password', { exact: true }).fill(PEOPLE.anna.password);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Your password is set').waitFor();
      await page.getByRole('link', { name: 'Sign in' }).click();
      await signInByHand(page, 'anna');
      await page.getByRole('heading', { name: 'No device is shown to you yet' }).waitFor();
    });
    on.world.anna = await signIn(on.world.url, PEOPLE.anna);
  });

  test('a program is let in by the code that it shows, and signed in once', async () => {
    const ask = async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(on.world.url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return { status: answer.status, ...(await answer.json()) };
    };
    const { secret, code, path } = await ask('/api/v1/login-requests', { name: 'bygone on laptop' });
    assert.equal((await ask('/api/v1/login-requests/redeem', { secret })).token, null);
    await visit(on, { path }, async (page) => {
      await page.getByLabel('Code').fill('BBBB-BBBB');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('No program waits with this code').waitFor();
      await page.getByLabel('Code').fill(code.toLowerCase());
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('bygone on laptop').waitFor();
      await page.getByRole('button', { name: 'Let it in' }).click();
      await page.getByText('The program is signed in').waitFor();
    });
    const made = await ask('/api/v1/login-requests/redeem', { secret });
    assert.equal(made.token.name, 'bygone on laptop');
    assert.equal((await ask('/api/v1/login-requests/redeem', { secret })).status, 404);
  });

  test('the second factor is turned on with a code of the device', () =>
    visit(on, { path: '/settings/security' }, async (page) => {
      await page.getByRole('button', { name: 'Turn on' }).click();
      await page.getByRole('img', { name: /QR code/ }).waitFor();
      secret = (await page.getByRole('dialog').locator('code').first().textContent()).replaceAll(' ', '');
      await page.getByLabel('Code from your authenticator app').fill(codeOf(secret));
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
      assert.ok((await page.getByRole('dialog').getByRole('listitem').count()) >= 8);
      await page.getByRole('button', { name: 'I have kept them' }).click();
      await page.getByText('On', { exact: true }).waitFor();
    }));

  test('signing in asks for the code then', () =>
    visit(on, { ...out, path: '/sign-in' }, async (page) => {
      await signInByHand(page, 'anna');
      await page.getByText('The password is right').waitFor();
      await page.getByLabel('Code from your authenticator app').fill(codeOf(secret, 1));
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('heading', { name: 'Find a file' }).waitFor();
    }));

  test('a password for a drive opens the drive, and is ended', () =>
    visit(on, { path: '/settings/drives' }, async (page) => {
      await page.getByLabel('What it is for').fill('The laptop');
      await page.getByRole('button', { name: 'Make a password' }).click();
      await page.getByText('It is shown this once').waitFor();
      const password = await page.getByRole('status').locator('code').textContent();
      const drive = () =>
        fetch(`${on.world.url}/dav/`, {
          method: 'PROPFIND',
          headers: { authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`, depth: '1' },
        });
      assert.equal((await drive()).status, 207);
      await page
        .getByRole('row', { name: /The laptop/ })
        .getByRole('button', { name: 'End' })
        .click();
      await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
      await page.getByRole('row', { name: /The laptop/ }).waitFor({ state: 'detached' });
      assert.equal((await drive()).status, 401);
    }));

  test('one signs out everywhere else', () =>
    visit(on, { path: '/settings/security' }, async (page) => {
      await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
      await page.getByRole('button', { name: 'Sign out everywhere else' }).waitFor({ state: 'detached' });
      assert.equal(await page.getByRole('table').getByRole('row').count(), 2);
    }));

  test('a session that ended is begun again where one is', () =>
    visit(on, { path: '/settings/tokens' }, async (page, context) => {
      await page.getByRole('heading', { name: 'API tokens' }).first().waitFor();
      await context.clearCookies();
      await page.getByLabel('What it is for').fill('A script');
      await page.getByRole('button', { name: 'Make a token' }).click();
      const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
      await dialog.getByLabel('Password', { exact: true }).fill(PEOPLE.anna.password);
      await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
      await dialog.getByRole('button', { name: 'Use a recovery code' }).waitFor();
      assert.equal(await page.getByLabel('What it is for').inputValue(), 'A script');
    }));
});

/** What an authenticator app shows (RFC 6238), `ahead` periods from now: a code works once. */
function codeOf(base32, ahead = 0) {
  const bits = [...base32]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(time).digest();
  const value = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, '0');
}
