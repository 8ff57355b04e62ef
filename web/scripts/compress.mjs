// Puts a brotli and a gzip twin beside every file of dist that gets smaller: the server sends what the browser takes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
/** Smaller files fit into one packet anyway. */
const BYTES_MIN = 1024;

const ways = [
  ['br', (data) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })],
  ['gz', (data) => gzipSync(data, { level: 9 })],
];

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.parentPath.endsWith('.vite') || /\.(br|gz)$/.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const data = readFileSync(path);
  if (data.length < BYTES_MIN) continue;
  for (const [ending, compress] of ways) {
    const small = compress(data);
    if (small.length < data.length) writeFileSync(`${path}.${ending}`, small);
  }
}
