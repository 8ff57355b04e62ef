//! The certified provider of `tests/oidc`, with pages for people: a form to sign in, and a question whether one agrees.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, until } from './harness.mjs';

const PROGRAM = fileURLToPath(new URL('../../tests/oidc/provider.mjs', import.meta.url));
const WAIT_MS = 20_000;

/** Starts it. Its people are alice (in `backup-admins` and `staff`), bob (in `staff`) and mallory (in no group). */
export async function startProvider() {
  const folder = mkdtempSync(join(tmpdir(), 'bygone-provider-'));
  const port = await freePort();
  // Modules are looked for beside the program: the package that the tests' set-up installed.
  symlinkSync(dirname(dirname(packageFile())), join(folder, 'node_modules'));
  copyFileSync(PROGRAM, join(folder, 'provider.mjs'));
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main'];
  const child = spawn(process.execPath, [...flags, join(folder, 'provider.mjs'), String(port), 'ask'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const end = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const issuer = `http://127.0.0.1:${port}`;
  try {
    await until(
      'the provider',
      () => {
        if (child.exitCode !== null) throw new Error(`the provider ended: ${said}`);
        return fetch(`${issuer}/.well-known/openid-configuration`).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      WAIT_MS,
    );
  } catch (error) {
    await end();
    throw error;
  }
  return { issuer, end, register: (addresses) => register(issuer, addresses) };
}

/** Makes a client of whoever listens at these addresses: its id and its secret. */
async function register(issuer, { redirect, logout, home }) {
  const response = await fetch(`${issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: [redirect],
      backchannel_logout_uri: logout,
      backchannel_logout_session_required: true,
      post_logout_redirect_uris: [home],
      grant_types: ['authorization_code', 'refresh_token'],
    }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return response.json();
}

/** Where `cargo xtask test` keeps what tests talk to, as `tests/src/tools.rs` finds it. */
function packageFile() {
  const { BYGONE_TOOLS, XDG_CACHE_HOME } = process.env;
  const tools = BYGONE_TOOLS || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'bygone-tools');
  return realpathSync(join(tools, 'bin', 'oidc-provider'));
}
