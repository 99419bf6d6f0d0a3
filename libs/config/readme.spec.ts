import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVERS, WORKER } from './settings.js';
import { STACK } from './stack-environment.js';

describe('the README', () => {
  it('lists every setting, with what it means and its default', () => {
    const readme = readFileSync(join(process.cwd(), 'README.md'), 'utf8');
    for (const { name, means, default: fallback } of Object.values({ ...SERVERS, ...WORKER, ...STACK })) {
      const shown = fallback === undefined ? '*required*' : fallback === '' ? '(empty)' : `\`${fallback}\``;
      expect(readme).toContain(`| \`${name}\` | ${means} | ${shown} |`);
    }
  });
});
