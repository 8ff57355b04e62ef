//! A real S3 server, SeaweedFS, whose buckets keep what is locked.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from './harness.mjs';

/** Keys that may do everything. */
export const KEYS = { access_key: 'testkey', secret_key: 'testsecret1234' };
const SIDES = ['s3', 'master', 'volume', 'filer'];

/** Starts it without buckets; a bucket is made by whoever makes a repository in it. */
export async function startStorage() {
  const folder = mkdtempSync(join(tmpdir(), 'bygone-storage-'));
  mkdirSync(join(folder, 'data'));
  const credentials = [{ accessKey: KEYS.access_key, secretKey: KEYS.secret_key }];
  const actions = ['Admin', 'Read', 'List', 'Tagging', 'Write'];
  const identities = { identities: [{ name: 'admin', credentials, actions }] };
  writeFileSync(join(folder, 'identities.json'), JSON.stringify(identities));
  const ports = {};
  for (const side of SIDES) {
    ports[`${side}.port`] = await freePort();
    ports[`${side}.port.grpc`] = await freePort();
  }
  const options = {
    ip: '127.0.0.1',
    'ip.bind': '127.0.0.1',
    dir: join(folder, 'data'),
    'master.volumeSizeLimitMB': 64,
    'master.telemetry': false,
    'volume.max': 20,
    // As it comes, it takes no writes while less than 1 % of the disk is free, however much that is.
    'volume.minFreeSpace': '64MiB',
    filer: true,
    s3: true,
    's3.config': join(folder, 'identities.json'),
    's3.localSocket': join(folder, 's3.sock'),
    'filer.localSocket': join(folder, 'filer.sock'),
    's3.port.iceberg': await freePort(),
    's3.port.lance': await freePort(),
    ...ports,
  };
  const flags = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
  const child = spawn('weed', [`-logdir=${folder}`, 'server', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.on('error', (error) => (said += error));
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    // Its inner sockets lie where no option moves them.
    for (const side of SIDES)
      rmSync(join(tmpdir(), `seaweedfs-${side}-grpc-${ports[`${side}.port.grpc`]}.sock`), { force: true });
  };
  const url = `http://127.0.0.1:${ports['s3.port']}`;
  try {
    await until('the storage', () => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(`the storage ended: ${said}`);
      return fetch(url).then(
        ({ status }) => [200, 403].includes(status),
        () => false,
      );
    });
  } catch (error) {
    await end();
    throw error;
  }
  return { end, at: (bucket) => `s3:${url}/${bucket}` };
}
