// Builds when a source is newer than the last build, so that a command that is built already starts at once.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const BUILT = 'dist/.tsbuildinfo';

function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const entries = readdirSync(path, { withFileTypes: true });
  return entries
    .filter(
      (entry) =>
        (entry.isDirectory() && entry.name !== 'node_modules') || /\.(tsx?|json|css|html)$/.test(entry.name),
    )
    .reduce((time, entry) => Math.max(time, newest(join(path, entry.name))), 0);
}

const sources = [
  'apps',
  'examples',
  'libs',
  'test',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
];
const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (sources.some((source) => newest(source) > built)) {
  // What the build has to say is not what the command answers: stdout stays the command's.
  const { status } = spawnSync('npm', ['run', '-s', 'build'], { stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
  // The compiler leaves the file alone when nothing it compiles has changed.
  if (status === 0 && existsSync(BUILT)) utimesSync(BUILT, new Date(), new Date());
}
