// Finds Chromium for the page's tests, and installs Debian's package where that is possible. Tests fail without
// it: a browser that is not there would otherwise be a page that nobody looked at.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CHROMIUM = '/usr/bin/chromium';

if (!existsSync(CHROMIUM)) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    stop(`The tests of the calendar page need ${CHROMIUM}. On Debian: sudo apt-get install -y chromium`);
  }
  console.error('Chromium is not there: installing the package chromium');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status } = spawnSync('apt-get', ['-q', ...words], { stdio: ['ignore', 2, 2], env });
    // An index that cannot be renewed in full may name the package all the same.
    if (status !== 0 && words[0] === 'install') {
      stop('apt-get could not install Chromium: see above, then run this again');
    }
  }
}

function stop(why) {
  console.error(why);
  process.exit(1);
}
