//! Writes snapshots into a repository of restic's format without saving a file: each is a small encrypted text that names a tree
//! which is there. Thousands take seconds.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IV_BYTES = 16;
const MAC_BYTES = 16;

/** A way to add snapshots to a repository on this machine. */
export function snapshotWriter(repository, password) {
  const [name] = readdirSync(join(repository, 'keys'));
  const key = JSON.parse(readFileSync(join(repository, 'keys', name)));
  const bytes = (text) => Buffer.from(text, 'base64');
  const { N, r, p } = key;
  const derived = scryptSync(password, bytes(key.salt), 64, { N, r, p, maxmem: 256 * N * r });
  const outer = { encrypt: derived.subarray(0, 32), k: derived.subarray(32, 48), r: derived.subarray(48) };
  const opened = JSON.parse(open(outer, bytes(key.data)));
  const master = { encrypt: bytes(opened.encrypt), k: bytes(opened.mac.k), r: bytes(opened.mac.r) };
  const folder = join(repository, 'snapshots');
  return (snapshot) => {
    const sealed = seal(master, Buffer.from(JSON.stringify(snapshot)));
    const id = createHash('sha256').update(sealed).digest('hex');
    writeFileSync(join(folder, id), sealed);
    return id;
  };
}

function open(key, sealed) {
  const iv = sealed.subarray(0, IV_BYTES);
  const body = sealed.subarray(IV_BYTES, -MAC_BYTES);
  if (!timingSafeEqual(mac(key, iv, body), sealed.subarray(-MAC_BYTES))) throw new Error('wrong password');
  const cipher = createDecipheriv('aes-256-ctr', key.encrypt, iv);
  return Buffer.concat([cipher.update(body), cipher.final()]);
}

function seal(key, text) {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-ctr', key.encrypt, iv);
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([iv, body, mac(key, iv, body)]);
}

/** Poly1305-AES. */
function mac(key, iv, text) {
  const cipher = createCipheriv('aes-128-ecb', key.k, null).setAutoPadding(false);
  const s = number(cipher.update(iv));
  const r = number(key.r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const prime = (1n << 130n) - 5n;
  let sum = 0n;
  for (let at = 0; at < text.length; at += 16) {
    const block = text.subarray(at, at + 16);
    sum = ((sum + number(block) + (1n << BigInt(8 * block.length))) * r) % prime;
  }
  const tag = Buffer.alloc(MAC_BYTES);
  let rest = (sum + s) & ((1n << 128n) - 1n);
  for (let at = 0; at < MAC_BYTES; at++, rest >>= 8n) tag[at] = Number(rest & 255n);
  return tag;
}

/** The first byte counts least. */
const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
