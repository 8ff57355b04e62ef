// The gate of sizes: what a browser loads first, by entry, in how many requests, and what every part adds to it later, compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const KB = 1000;

/** In kB, compressed by gzip: goals of the design. `shared` is what several parts share: lists, menus, forms. */
const MAX = {
  portal: 170,
  admin: 190,
  folder: 180,
  css: 14,
  route: 25,
  shared: 110,
  language: 20,
  text: 100,
  chart: 30,
};
/** Files of a first load, with the page itself, its theme, its icon and its words. */
const REQUESTS_MAX = { portal: 14, admin: 24 };
/** Parts that a file is of before it counts as shared. */
const SHARED_BY = 3;

const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const sum = (files) => [...files].reduce((total, file) => total + gzipped(file), 0);

/** The files of a part, with those it imports at once. */
function filesOf(key, seen = new Set()) {
  const part = manifest[key];
  for (const file of [part.file, ...(part.css ?? [])]) seen.add(file);
  for (const next of part.imports ?? []) if (!seen.has(manifest[next].file)) filesOf(next, seen);
  return seen;
}

/** The parts that a part may load later, and those that these may. */
function partsOf(key, seen = new Set(), walked = new Set()) {
  if (walked.has(key)) return seen;
  walked.add(key);
  const part = manifest[key];
  for (const next of part.dynamicImports ?? []) {
    seen.add(next);
    partsOf(next, seen, walked);
  }
  for (const next of part.imports ?? []) partsOf(next, seen, walked);
  return seen;
}

let failed = false;
function gate(name, bytes, limit) {
  const over = bytes > limit * KB;
  failed ||= over;
  console.log(
    `${over ? 'OVER' : '  ok'}  ${(bytes / KB).toFixed(1).padStart(7)} kB of ${String(limit).padStart(3)}  ${name}`,
  );
}

function gateRequests(name, files) {
  const over = files > REQUESTS_MAX[name];
  failed ||= over;
  console.log(
    `${over ? 'OVER' : '  ok'}  ${String(files).padStart(4)} files of ${REQUESTS_MAX[name]}   ${name}: first load`,
  );
}

for (const [key, entry] of Object.entries(manifest).filter(([, part]) => part.isEntry)) {
  const { name } = entry;
  const parts = [...partsOf(key)];
  const first = filesOf(key);
  // Words below a folder of their own come with the pages that need them.
  for (const part of parts.filter((part) => /i18n\/ru\/\w+\.ts$/.test(part)))
    for (const file of filesOf(part)) first.add(file);
  gate(`${name}: first load, in Russian`, sum(first) + gzipped(key), MAX[name]);
  gateRequests(name, first.size + besides(key));
  gate(`${name}: styles of it`, sum([...first].filter((file) => file.endsWith('.css'))), MAX.css);

  const later = new Map(parts.map((part) => [part, [...filesOf(part)].filter((file) => !first.has(file))]));
  const uses = new Map();
  for (const files of later.values()) for (const file of files) uses.set(file, (uses.get(file) ?? 0) + 1);
  const shared = [...uses].filter(([, count]) => count >= SHARED_BY).map(([file]) => file);
  gate(`${name}: shared by what comes later`, sum(shared), MAX.shared);
  for (const [part, files] of later) {
    const own = files.filter((file) => !shared.includes(file));
    if (own.length > 0) gate(`${name} → ${part}`, sum(own), limitOf(part));
    if (part.endsWith('browse/Browse.tsx'))
      gate(`${name}: a link to a folder`, sum(first) + gzipped(key) + sum(files), MAX.folder);
  }
}
if (failed) process.exit(1);

/** The page's own HTML, and what that names beside scripts and styles of the manifest. */
function besides(page) {
  const html = readFileSync(new URL(page, dist), 'utf8');
  const named = new Set([...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, file]) => file));
  for (const file of filesOf(page)) named.delete(file);
  return 1 + named.size;
}

function limitOf(part) {
  if (part.includes('i18n/')) return MAX.language;
  if (/TextView|TextPages|TextCompare/.test(part)) return MAX.text;
  if (/TimeChart/.test(part)) return MAX.chart;
  return MAX.route;
}
