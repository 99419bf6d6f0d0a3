/** `npm run ops -- …`: see `--help`. */

import { runOps } from './program.js';

// Whoever reads, `head` perhaps, may have gone: what is being done is done all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runOps(process.argv.slice(2), {
  streams: {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
  },
});
