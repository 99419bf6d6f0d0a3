// The page's first load, compressed, against what it may be: run after its build.

import { readFileSync, statSync } from 'node:fs';

const FOLDER = 'dist/apps/calendar';
const MOST_BYTES = 200_000;

const html = readFileSync(`${FOLDER}/index.html`, 'utf8');
const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
const sizes = ['/index.html', ...new Set(named)].map((path) => ({
  path,
  bytes: statSync(`${FOLDER}${path}.gz`).size,
}));
const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
if (process.argv.includes('--show')) console.table(sizes);
if (bytes >= MOST_BYTES) {
  console.error(`the page's first load is ${bytes} bytes compressed; ${MOST_BYTES} is the most`);
  process.exitCode = 1;
}
