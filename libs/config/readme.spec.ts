import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KAFKA_SECURITY, MONGO_SECURITY } from './security-settings.js';
import type { Setting } from './setting.js';
import { API, SERVERS, WORKER } from './settings.js';
import { STACK } from './stack-environment.js';

describe('the README', () => {
  it('lists every setting, with what it means and its default', () => {
    const readme = readFileSync(join(process.cwd(), 'README.md'), 'utf8');
    const settings: Setting<unknown>[] = Object.values<Setting<unknown>>({
      ...SERVERS,
      ...KAFKA_SECURITY,
      ...MONGO_SECURITY,
      ...WORKER,
      ...API,
      ...STACK,
    });
    for (const { name, means, default: fallback, isSecret } of settings) {
      const shown = fallback === undefined ? '*required*' : fallback === '' ? '(empty)' : `\`${fallback}\``;
      expect(readme).toContain(`| \`${name}\` | ${means} | ${shown} |`);
      if (isSecret) expect(readme).toContain(`\`${name}_FILE\``);
    }
  });
});
