/** A program of this project as a child process, in a process group of its own: Ctrl-C is for the demo to handle. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export interface ChildOptions {
  /** path of the program */
  program: string;
  environment: Record<string, string | undefined>;
  /** where its output goes */
  logFile: string;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A program of the demo has ended, and nobody had asked it to. */
export class ProgramFailed extends Error {
  override name = 'ProgramFailed';
  constructor(name: string, exit: ChildExit, logFile: string) {
    super(`${name} ended by itself with ${saidOf(exit)}: see ${logFile}`);
  }
}

/** It ends by itself when this process is gone: the channel between them closes. */
export function startChild({ program, environment, logFile }: ChildOptions): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['--max-semi-space-size=128', '--enable-source-maps', program], {
    env: environment,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  return child;
}

export async function exitOf(child: ChildProcess): Promise<ChildExit> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return { code: child.exitCode, signal: child.signalCode };
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}

/** `exit code 1`, `SIGKILL` */
export function saidOf({ code, signal }: ChildExit): string {
  return signal ?? `exit code ${code}`;
}
