// Prints what the page loads and fails where the first video would wait for too much of it.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const OUT = new URL('../../src/penchant/web/static/', import.meta.url);
const MOST_INITIAL_BYTES = 40_000;

const manifest = JSON.parse(readFileSync(new URL('build-manifest.json', OUT), 'utf8'));
const size = (file) => gzipSync(readFileSync(new URL(file, OUT)), { level: 6 }).length;

/** The file of a chunk and of all that it imports at once. */
function filesOf(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const other of manifest[key].imports ?? []) filesOf(other, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const initial = filesOf(entry);
const languages = Object.keys(manifest).filter((key) => /messages\/[a-z]{2}\.ts$/.test(key));
const largest = languages.reduce((a, b) => (size(manifest[a].file) > size(manifest[b].file) ? a : b));
initial.add(largest);

let total = 0;
console.log('Initial JavaScript (gzip):');
for (const key of initial) {
  const bytes = size(manifest[key].file);
  total += bytes;
  console.log(`  ${String(bytes).padStart(7)}  ${manifest[key].file}`);
}
console.log(`  ${String(total).padStart(7)}  of at most ${MOST_INITIAL_BYTES}`);
console.log('Initial styles (gzip):');
for (const key of initial) {
  for (const file of manifest[key].css ?? []) console.log(`  ${String(size(file)).padStart(7)}  ${file}`);
}
console.log('Loaded where needed (gzip):');
for (const [key, chunk] of Object.entries(manifest)) {
  if (initial.has(key) || !chunk.file.endsWith('.js')) continue;
  console.log(`  ${String(size(chunk.file)).padStart(7)}  ${chunk.file}`);
}
if (total > MOST_INITIAL_BYTES) {
  console.error('Too much is loaded before the first video.');
  process.exit(1);
}
