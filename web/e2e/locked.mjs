//! A machine whose snapshots lie in a bucket that locks what is written: some of them nobody can remove yet.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPeople, BYGONE, PEOPLE, signIn, startServer, until } from './harness.mjs';
import { PASSWORD } from './history.mjs';
import { KEYS, startStorage } from './storage.mjs';

export const LOCKED_DAYS = 30;
const DAY_MS = 86_400_000;
const HOST = 'anna-laptop';
/** How many days ago the snapshots were taken; of three of them the time is not over. */
export const TAKEN = [50, 40, 20, 10, 1];

const BEGUN = Date.now();
export const daysFromNow = (days) => new Date(BEGUN + days * DAY_MS);

/** Starts a storage, a server with that machine, and Anna who owns it. */
export async function startLockedWorld() {
  const storage = await startStorage();
  const ends = [() => storage.end()];
  try {
    const world = await startServer({ BYGONE_STORAGE__ALLOWED_NETWORKS: '127.0.0.1' });
    ends.unshift(world.end);
    await addMachine(world, storage.at('locked/main'));
    return Object.assign(world, { end: () => endAll(ends) });
  } catch (error) {
    await endAll(ends);
    throw error;
  }
}

async function endAll(ends) {
  for (const end of ends) await end();
}

async function addMachine(world, location) {
  const home = join(world.folder, 'home');
  mkdirSync(home);
  const bygone = (...args) =>
    execFileSync(BYGONE, [...args, '-r', location, '--quiet'], {
      env: {
        ...process.env,
        BYGONE_PASSWORD: PASSWORD,
        AWS_ACCESS_KEY_ID: KEYS.access_key,
        AWS_SECRET_ACCESS_KEY: KEYS.secret_key,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  bygone('init', '--worm', 'compliance', '--days', `${LOCKED_DAYS}`);
  for (const days of TAKEN) {
    writeFileSync(join(home, 'report.txt'), `what was written ${days} days ago\n`);
    const time = daysFromNow(-days).toISOString();
    bygone('backup', '--host', HOST, '--as-path', '/home/anna', '--time', time, '--ignore-ctime', home);
  }
  Object.assign(world, await addPeople(world.url, world.link));
  await world.enrolAgent();
  const { admin, org, users } = world;
  const at = `/api/v1/orgs/${org}`;
  const agent = await until('the agent', async () => (await admin.get(`${at}/agents`)).items[0]);
  const source = { agent: agent.uid, name: "Anna's laptop", host: HOST, paths: ['/home/anna'] };
  world.source = (await admin.post(`${at}/sources`, { ...source, owner: users.anna })).uid;
  const credential = await admin.post(`${at}/storage-credentials`, {
    name: 'storage',
    secret: { kind: 's3', ...KEYS },
  });
  const repository = await admin.post(`${at}/repositories`, {
    name: 'locked',
    begin: 'adopt',
    location,
    credential: credential.uid,
    password: PASSWORD,
  });
  world.repository = repository.uid;
  await admin.post(`${at}/repositories/${repository.uid}/refresh`, {});
  world.anna = await signIn(world.url, PEOPLE.anna);
  await until('the snapshots', async () => {
    const found = await world.anna.get(`/portal/v1/sources/${world.source}`);
    return found.snapshots === TAKEN.length;
  });
}
