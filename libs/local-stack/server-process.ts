/**
 * One server as a child process: started, stopped, killed and started again on the same port and data.
 *
 * A server must not outlive the program that started it, even when that program is killed with -9. So it is started
 * by a shell that first leaves a watcher behind: the watcher reads a pipe whose other end only this program holds,
 * and when the pipe ends without a word it stops the server. The shell then becomes the server (`exec`), so that the
 * process id is the server's own and there is no instant at which the server runs unwatched.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { identify } from './process-identity.js';
import { StackError } from './stack-error.js';

/** A server of an embedded stack, for tests that break it. */
export interface ServerHandle {
  /** undefined while it does not run */
  readonly pid: number | undefined;
  readonly port: number;
  /** Starts it again on the same port and data; resolves when it answers. */
  start(): Promise<void>;
  /** Stops it in order; resolves when it is gone. Does nothing when it does not run. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface ServerProgram {
  /** as people call it, for messages */
  name: string;
  port: number;
  /** holds its log, its process id and its data */
  folder: string;
  command: readonly [program: string, ...options: string[]];
  /** what to do when the command is not found */
  missing: StackError;
  /** Resolves when the server answers; gives up when the signal is aborted. */
  ready(signal: AbortSignal): Promise<void>;
  /** Known reasons why it ended at start, from the end of its log. */
  explain?(log: string): StackError | undefined;
}

export const LOG_FILE = 'server.log';
export const PROCESS_FILE = 'process.json';

const startLimitMs = 120_000; // a machine busy with other things, not a figure of the servers

const stopLimitMs = 30_000;
const commandNotFound = 127;

const WATCHED = `
(
  trap '' HUP INT TERM
  if read -r word <&3; then exit 0; fi
  kill -TERM $$
  tries=0
  while kill -0 $$; do
    tries=$((tries + 1))
    if [ $tries -gt 50 ]; then kill -KILL $$; exit 0; fi
    sleep 0.1
  done
) </dev/null >/dev/null 2>&1 &
exec "$@" 3<&-
`;

export class ServerProcess implements ServerHandle {
  private child: ChildProcess | undefined;

  constructor(private readonly program: ServerProgram) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get port(): number {
    return this.program.port;
  }

  /** @throws StackError when it ends, or does not answer within two minutes */
  async start(): Promise<void> {
    if (this.child) throw new Error(`${this.program.name} runs already`);
    const child = await this.spawn();
    const answered = new AbortController();
    const limit = setTimeout(() => answered.abort(), startLimitMs);
    try {
      await Promise.race([this.program.ready(answered.signal), this.failOnExit(child, answered.signal)]);
      if (answered.signal.aborted) throw await this.failure(`does not answer after ${startLimitMs / 1000} s`);
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      clearTimeout(limit);
      answered.abort();
    }
  }

  async stop(): Promise<void> {
    const ended = this.end('SIGTERM');
    const limit = new AbortController();
    const overdue = delay(stopLimitMs, 'overdue', { signal: limit.signal }).catch(() => undefined);
    if ((await Promise.race([ended, overdue])) === 'overdue') await this.end('SIGKILL');
    limit.abort();
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async spawn(): Promise<ChildProcess> {
    const { folder, command } = this.program;
    await mkdir(folder, { recursive: true });
    const log = await open(join(folder, LOG_FILE), 'a');
    // A process group of its own: a terminal's Ctrl-C is for the program, which then stops its servers in order.
    const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', ...command], {
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
      detached: true,
    });
    this.child = child;
    const lifeline = child.stdio[3] as Writable & { unref(): void };
    lifeline.on('error', () => undefined); // the watcher may be gone before it is told
    child.once('exit', () => {
      this.child = undefined;
      lifeline.end('gone\n');
    });
    await Promise.all([once(child, 'spawn'), log.close()]);
    // A program that forgets to stop its stack may still end, and the watcher then stops the servers.
    child.unref();
    lifeline.unref();
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    if (identity) await writeFile(join(folder, PROCESS_FILE), JSON.stringify(identity));
    return child;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child) {
      child.ref();
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    }
    await rm(join(this.program.folder, PROCESS_FILE), { force: true });
  }

  private async failOnExit(child: ChildProcess, answered: AbortSignal): Promise<never> {
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, 'exit', { signal: answered }).catch(() => undefined);
    }
    if (child.exitCode === commandNotFound) throw this.program.missing;
    throw await this.failure(`ended at start (${child.signalCode ?? `exit code ${child.exitCode}`})`);
  }

  private async failure(what: string): Promise<StackError> {
    const file = join(this.program.folder, LOG_FILE);
    const log = (await readFile(file, 'utf8').catch(() => '')).slice(-8_000);
    const lastLines = log.trimEnd().split('\n').slice(-5).join('\n');
    return (
      this.program.explain?.(log) ??
      new StackError(`${this.program.name} ${what}`, `see ${file}, which ends with\n${lastLines}`)
    );
  }
}
