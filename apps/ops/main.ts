/** `npm run ops -- …`: see `--help`. */

import { runOps } from './program.js';

process.exitCode = await runOps(process.argv.slice(2), {
  streams: {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
  },
});
