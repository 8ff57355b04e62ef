//! A world to look at: the real server with an organization, Anna and an administrator, a repository with a history, and an agent.
//! `BYGONE_BIN` names the program; without it, `target/debug/bygone` of the checkout is meant. `BYGONE_DIST` names a `dist/`
//! that is looked at instead of the one within the program.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startFront } from './front.mjs';
import { makeHistory, PASSWORD } from './history.mjs';

export const BYGONE =
  process.env.BYGONE_BIN ?? fileURLToPath(new URL('../../target/debug/bygone', import.meta.url));
export const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const WAIT_MS = 60_000;
/** The time zone of whoever looks, in which a day begins while it is still the day before in that of the server. */
export const ZONE = 'Europe/Moscow';

export const PEOPLE = {
  root: { email: 'root@example.org', name: 'Root', password: 'a long password of root' },
  admin: { email: 'boris@example.org', name: 'Boris', password: 'a long password of boris' },
  anna: { email: 'anna@example.org', name: 'Anna', password: 'a long password of anna' },
};

/** Starts a server of which nobody is anybody yet, with these settings; `end` of what it returns ends it. */
export async function startServer(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bygone-e2e-'));
  const ends = [() => rmSync(folder, { recursive: true, force: true })];
  const end = async () => {
    for (const one of ends.reverse()) await one();
  };
  const [port, agentPort] = [await freePort(), await freePort()];
  const dist = process.env.BYGONE_DIST;
  const serverPort = dist ? await freePort() : port;
  const server = program(['serve'], {
    BYGONE_SERVER__DATA: join(folder, 'data'),
    BYGONE_SERVER__LISTEN: `127.0.0.1:${serverPort}`,
    BYGONE_SERVER__AGENT_LISTEN: `127.0.0.1:${agentPort}`,
    BYGONE_STORAGE__LOCAL_ROOTS: join(folder, 'stores'),
    ...settings,
  });
  ends.push(() => server.end());
  try {
    const said = await server.says(/https?:\/\/\S+\/set-up#\S+/);
    if (dist) ends.push(await startFront(dist, port, serverPort));
    const url = `http://127.0.0.1:${port}`;
    const world = { folder, url, link: `${url}/set-up#${said.split('#')[1]}`, agentPort, ends, end };
    return Object.assign(world, { enrolAgent: () => enrolAgent(world) });
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts everything: a server, people, a history, an agent. */
export async function startWorld() {
  const bare = await startServer();
  const { folder, url, link, end } = bare;
  try {
    const home = join(folder, 'home');
    makeHistory(BYGONE, join(folder, 'stores', 'acme', 'main'), home);
    const restored = join(folder, 'restored');
    mkdirSync(restored);

    const world = Object.assign(bare, { home, restored });
    Object.assign(world, await addPeople(url, link));

    const { admin, org } = world;
    const at = `/api/v1/orgs/${org}`;
    const repository = await admin.post(`${at}/repositories`, {
      name: 'main',
      begin: 'adopt',
      location: join(folder, 'stores', 'acme', 'main'),
      password: PASSWORD,
    });
    await world.enrolAgent();
    const agent = await until('the agent', async () => (await admin.get(`${at}/agents`)).items[0]);
    const source = (name, host, path, owner) =>
      admin.post(`${at}/sources`, { agent: agent.uid, name, host, paths: [path], ...(owner && { owner }) });
    const laptop = await source("Anna's laptop", 'anna-laptop', '/home/anna', world.users.anna);
    const files = await source('File server', 'files', '/srv/files');
    world.users.laptop = laptop.uid;
    await admin.post(`${at}/grants`, {
      user: world.users.anna,
      source: files.uid,
      path: '/srv/files',
      effect: 'allow',
      actions: ['see', 'preview', 'download', 'restore'],
    });
    await admin.post(`${at}/repositories/${repository.uid}/refresh`, {});
    world.sources = { laptop: laptop.uid, files: files.uid };
    world.repository = repository.uid;
    world.host = hostname();
    const anna = await signIn(url, PEOPLE.anna);
    world.anna = anna;
    await until('the index', async () => {
      const found = await anna.get('/portal/v1/search?q=IMG_099999');
      return found.hits.length > 0 && !found.partial;
    });
    return world;
  } catch (error) {
    await end();
    throw error;
  }
}

/** Enrols this machine as the organization's agent, and runs it. What it restores goes below `restored`, if the world has that. */
async function enrolAgent(world) {
  const { admin, org, folder, agentPort, restored, ends } = world;
  const token = await admin.post(`/api/v1/orgs/${org}/enrolment-tokens`, { note: 'e2e' });
  const state = join(folder, 'agent');
  const file = join(folder, 'token');
  writeFileSync(file, token.secret);
  const server = ['--server', `https://127.0.0.1:${agentPort}`, '--token-file', file];
  const enrol = program(['agent', 'enrol', ...server, '--state', state]);
  assert.equal(await enrol.ended, 0, enrol.output());
  world.startAgent = () => {
    const into = restored ? ['--restore-into', restored] : [];
    const agent = program(['agent', 'run', '--state', state, ...into]);
    ends.push(() => agent.end());
    return agent;
  };
  world.agent = world.startAgent();
}

/** The first administrator, the organization, its administrator, and Anna. */
export async function addPeople(url, link) {
  const nobody = client(url);
  const { root, admin, anna } = PEOPLE;
  await nobody.post('/api/v1/set-up', { token: link.split('#')[1], ...root });
  const asRoot = await signIn(url, root);
  const org = (await asRoot.post('/api/v1/orgs', { name: 'acme', title: 'Acme' })).uid;
  const users = {};
  for (const [key, role] of [
    ['admin', 'admin'],
    ['anna', 'user'],
  ]) {
    const { email, name, password } = PEOPLE[key];
    const user = await asRoot.post(`/api/v1/orgs/${org}/users`, { email, name, role });
    const made = await asRoot.post(`/api/v1/orgs/${org}/users/${user.uid}/password-link`, {});
    await nobody.post('/api/v1/password-reset', { token: made.token, password });
    users[key] = user.uid;
  }
  return { org, users, root: asRoot, admin: await signIn(url, admin), anna };
}

/** A program's way to the server, as somebody. */
export async function signIn(url, { email, password }) {
  const response = await fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return client(url, cookie);
}

export function client(url, cookie) {
  const tags = new Map();
  const send = async (method, path, body, more) => {
    const headers = {
      ...more,
      origin: url,
      ...(cookie && { cookie }),
      ...(body && { 'content-type': 'application/json' }),
    };
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    tags.set(path, response.headers.get('etag'));
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  return {
    cookie,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    /** Changes what is there, as it is now. */
    async patch(path, body) {
      await send('GET', path);
      return send('PATCH', path, body, { 'if-match': tags.get(path) });
    },
  };
}

/** A process of ours: what it said, its end, and how to end it. */
export function program(args, variables = {}) {
  const child = spawn(BYGONE, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  return {
    child,
    ended,
    output: () => said,
    says: (pattern) =>
      until(`${args[0]} to say ${pattern}`, () => {
        if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended: ${said}`);
        return pattern.exec(said)?.[0];
      }),
    async end() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function until(what, look, limit = WAIT_MS) {
  const begun = Date.now();
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() - begun > limit) throw new Error(`waited ${limit / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Chromium, without a word to anybody but us. */
export function startBrowser(more = []) {
  const quiet = [
    'disable-quic',
    'no-first-run',
    'disable-background-networking',
    'disable-component-update',
    'disable-sync',
  ];
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['no-sandbox', 'disable-gpu', ...quiet, ...more].map((flag) => `--${flag}`),
  });
}
