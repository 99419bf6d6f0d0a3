import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_SETTINGS } from './unknown-settings.js';

describe('the README', () => {
  it('lists every setting, with what it means and its default', () => {
    const readme = readFileSync(join(process.cwd(), 'README.md'), 'utf8');
    for (const { name, means, default: fallback, isSecret } of ALL_SETTINGS) {
      const shown = fallback === undefined ? '*required*' : fallback === '' ? '(empty)' : `\`${fallback}\``;
      expect(readme).toContain(`| \`${name}\` | ${means} | ${shown} |`);
      if (isSecret) expect(readme).toContain(`\`${name}_FILE\``);
    }
  });
});
