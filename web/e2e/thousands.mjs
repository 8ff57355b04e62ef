//! A machine of which two thousand snapshots were taken, one every six hours: what people did on Anna's laptop, stretched over more
//! than a year; five hundred pictures that came and, one night, went at once; and one snapshot that a court asked for.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BYGONE, until } from './harness.mjs';
import { NEWEST, PASSWORD } from './history.mjs';
import { snapshotWriter } from './snapshots.mjs';

export const SNAPSHOTS = 2_000;
export const PICTURES = 500;
/** At which snapshot they came, and at which they were gone. */
const [CAME, WENT] = [1_200, 1_600];
const HELD = 700;
const STEP_MS = 6 * 3_600_000;
const HOST = 'anna-archive';

export const takenAt = (n) => new Date(NEWEST.getTime() - (SNAPSHOTS - 1 - n) * STEP_MS);
export const wentAt = takenAt(WENT);
export const heldAt = takenAt(HELD);

/** Gives a world such a machine, and Anna its files. */
export async function addThousands(world) {
  const repository = join(world.folder, 'stores', 'acme', 'archive');
  cpSync(join(world.folder, 'stores', 'acme', 'main'), repository, { recursive: true });
  const bygone = (...args) =>
    execFileSync(BYGONE, [...args, '-r', repository, '--quiet'], {
      env: { ...process.env, BYGONE_PASSWORD: PASSWORD },
      maxBuffer: 64 << 20,
    });
  const pictures = join(world.folder, 'pictures');
  cpSync(world.home, pictures, { recursive: true });
  mkdirSync(join(pictures, 'Photos/2024'));
  for (let n = 0; n < PICTURES; n++) writeFileSync(join(pictures, 'Photos/2024', `IMG_${n}.raw`), `${n}`);
  bygone('backup', '--host', 'anna-pictures', '--as-path', '/home/anna', pictures);
  rmSync(pictures, { recursive: true });

  const all = JSON.parse(bygone('snapshots', '--json').toString());
  const days = all.filter((one) => one.hostname === 'anna-laptop').map((one) => one.tree);
  const full = all.find((one) => one.hostname === 'anna-pictures').tree;
  const add = snapshotWriter(repository, PASSWORD);
  for (let n = 0; n < SNAPSHOTS; n++) {
    // The last two days of the laptop take turns afterwards: a file that changes, and changes back.
    const late = days.at(n % 40 < 20 ? -1 : -2);
    const tree = n < CAME ? days[Math.floor((n * days.length) / CAME)] : n < WENT ? full : late;
    const hold = 'hold:case=2026-17;who=boris;reason=asked for by the court';
    add({
      time: takenAt(n).toISOString(),
      tree,
      paths: ['/home/anna'],
      hostname: HOST,
      username: 'anna',
      ...(n === HELD && { tags: [hold] }),
    });
  }

  // Meanwhile the server has hung up, which nobody here could hear.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { admin, org } = world;
  const at = `/api/v1/orgs/${org}`;
  const agent = (await admin.get(`${at}/agents`)).items[0];
  const body = {
    agent: agent.uid,
    name: 'Archive',
    host: HOST,
    paths: ['/home/anna'],
    owner: world.users.anna,
  };
  const source = (await admin.post(`${at}/sources`, body)).uid;
  const begin = { begin: 'adopt', location: repository, password: PASSWORD };
  const made = await admin.post(`${at}/repositories`, { name: 'archive', ...begin });
  await admin.post(`${at}/repositories/${made.uid}/refresh`, {});
  await until('the snapshots', async () => {
    const found = await world.anna.get(`/portal/v1/sources/${source}`);
    return found.snapshots === SNAPSHOTS;
  });
  // Differences are counted when somebody first asks, a part at a time.
  await until('the counts', async () => {
    const found = await world.anna.get(
      `/portal/v1/sources/${source}/timeline?points=400&path=/home/anna/Photos`,
    );
    const whole = await world.anna.get(`/portal/v1/sources/${source}/timeline?points=400`);
    return found.counted && whole.counted;
  });
  world.sources.archive = source;
}
