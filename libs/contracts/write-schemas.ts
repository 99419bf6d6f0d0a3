/** Writes docs/schemas/<message>.json below the current folder: `npm run schemas`. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFiles } from './json-schema.js';

const folder = join('docs', 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, text] of schemaFiles()) {
  writeFileSync(join(folder, name), text);
  console.log(join(folder, name));
}
