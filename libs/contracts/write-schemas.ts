/**
 * Writes what other programs read of the messages below the current folder: `npm run schemas`. With `--release`
 * the document is also kept as released, under its version.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentFiles, RELEASED_FOLDER } from './asyncapi/files.js';
import { newRelease, type Release } from './asyncapi/release.js';
import type { AsyncApiDocument } from './asyncapi/types.js';

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}

function releases(): Release[] {
  return readdirSync(RELEASED_FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      file,
      document: JSON.parse(readFileSync(join(RELEASED_FOLDER, file), 'utf8')) as AsyncApiDocument,
    }));
}

for (const [path, text] of documentFiles()) write(path, text);
if (process.argv.includes('--release')) {
  mkdirSync(RELEASED_FOLDER, { recursive: true });
  const { file, text, refused } = newRelease(releases());
  if (refused === undefined) write(join(RELEASED_FOLDER, file), text);
  else {
    console.error(refused);
    process.exitCode = 1;
  }
}
