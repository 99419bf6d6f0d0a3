// Finds Prometheus for `npm run test:runbook`, and fetches Debian's package where there is none. It is only unpacked,
// below .stack: nothing is installed, and no service is started.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve('.stack/prometheus');
const own = join(folder, 'usr/bin/prometheus');

if (!existsSync(own) && spawnSync('prometheus', ['--version']).status !== 0) {
  console.error('Prometheus is not there: fetching the package prometheus');
  mkdirSync(folder, { recursive: true });
  run('apt-get', ['-q', 'download', 'prometheus'], folder);
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
  run('dpkg', ['-x', archive ?? 'prometheus.deb', '.'], folder);
}

function run(program, words, cwd) {
  const { status } = spawnSync(program, words, { cwd, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`${program} failed. Put a program called prometheus into the PATH, then run this again`);
  process.exit(1);
}
