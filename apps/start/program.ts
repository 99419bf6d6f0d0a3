/** One of the programs that `npm start` runs: its output is this program's, and it ends when this one is gone. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

export interface Ended {
  name: string;
  /** exit code, or 128 and the signal's number */
  code: number;
  /** `exit code 1`, `SIGKILL` */
  how: string;
}

export interface Program {
  /** resolves with what it says when it is ready; never, when it ends before */
  ready: Promise<unknown>;
  ended: Promise<Ended>;
  stop(): void;
}

export function startProgram(
  name: string,
  path: string,
  options: { environment: Record<string, string | undefined>; flags?: readonly string[] },
): Program {
  const child = spawn(process.execPath, [...(options.flags ?? []), path], {
    env: options.environment,
    // It ends when this channel closes, so also when this program is killed.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A process group of its own: Ctrl-C is for this program, which then stops everything in order.
    detached: true,
  });
  const ready = new Promise<unknown>((resolve) => child.once('message', resolve));
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = exit.then(([code, signal]) => ({
    name,
    code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
    how: signal ?? `exit code ${code}`,
  }));
  return { ready, ended, stop: () => void child.kill('SIGTERM') };
}
