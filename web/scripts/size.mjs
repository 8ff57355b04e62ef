// The gate of sizes: what a browser loads first, by entry, and every part that is loaded later, compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const KB = 1000;

/** In kB, compressed by gzip: goals of the design, with the entry's page, scripts, styles and one language. */
const MAX = { portal: 170, admin: 190, css: 14, route: 25, language: 20, text: 100, chart: 30 };

const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

/** The files of a part, with those it imports at once. */
function files(key, seen = new Set()) {
  const part = manifest[key];
  for (const file of [part.file, ...(part.css ?? [])]) seen.add(file);
  for (const next of part.imports ?? []) if (!seen.has(manifest[next].file)) files(next, seen);
  return seen;
}

const sum = (set) => [...set].reduce((total, file) => total + gzipped(file), 0);
let failed = false;
function gate(name, bytes, limit) {
  const over = bytes > limit * KB;
  failed ||= over;
  console.log(
    `${over ? 'OVER' : '  ok'}  ${(bytes / KB).toFixed(1).padStart(7)} kB of ${String(limit).padStart(3)}  ${name}`,
  );
}

const entries = Object.entries(manifest).filter(([, part]) => part.isEntry);
for (const [key, part] of entries) {
  const name = part.name;
  const language = Object.keys(manifest).find((other) => other.endsWith(`i18n/ru/${name}.ts`));
  const first = files(key);
  if (language) for (const file of files(language)) first.add(file);
  gate(`${name}: first load`, sum(first) + gzipped(key), MAX[name]);
  gate(`${name}: styles`, sum([...first].filter((file) => file.endsWith('.css'))), MAX.css);
  for (const next of new Set([...first].flatMap((file) => partsOf(file)))) {
    const later = new Set([...files(next)].filter((file) => !first.has(file)));
    gate(`${name} → ${next}`, sum(later), limitOf(next));
  }
}
if (failed) process.exit(1);

function partsOf(file) {
  return Object.values(manifest)
    .filter((part) => part.file === file)
    .flatMap((part) => part.dynamicImports ?? []);
}

function limitOf(key) {
  if (key.includes('i18n/')) return MAX.language;
  if (/TextView|TextCompare/.test(key)) return MAX.text;
  if (/TimeChart/.test(key)) return MAX.chart;
  return MAX.route;
}
