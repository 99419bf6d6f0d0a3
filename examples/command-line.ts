/** What a program was called with. */

import { parseArgs, type ParseArgsConfig } from 'node:util';

/** `parseArgs`; what it does not know ends the program, with `help` and exit code 2. */
export function commandLine<T extends ParseArgsConfig>(
  help: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // The first sentence says what is wrong; the others are about words that begin with a dash.
    console.error(`${(error as Error).message.split('. ')[0]}\n\n${help}`);
    process.exit(2);
  }
}
