/** Programs that a measurement starts, and what processor time they and the servers use. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const STOP_WITHIN_MS = 20_000;
/** Linux counts processor time in hundredths of a second, for every program. */
const TICKS_PER_SECOND = 100;

export interface ProgramOptions {
  /** compiled program, an absolute path */
  program: string;
  arguments?: string[];
  /** all of its environment: measurements do not depend on who runs them */
  environment?: Record<string, string>;
  /** flags of Node itself */
  nodeOptions?: string[];
  /** 0 to 19; how far it lets others on the machine go before it */
  niceness?: number;
  /** what it prints goes here */
  logFile: string;
}

/** A running program of ours. */
export class Program {
  #failure: Error | undefined;
  #stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly options: ProgramOptions,
  ) {
    child.once('exit', (code, signal) => {
      if (this.#stopping && code === 0) return;
      this.#failure = new Error(
        `${options.program} ended (${signal ?? `exit code ${code}`}); ${options.logFile} ends with\n` +
          readFileSync(options.logFile, 'utf8').split('\n').slice(-15).join('\n'),
      );
    });
  }

  static async start(options: ProgramOptions): Promise<Program> {
    const log = await open(options.logFile, 'w');
    const { niceness = 0, nodeOptions = [] } = options;
    const node = [process.execPath, ...nodeOptions, '--enable-source-maps', options.program];
    const [command, ...args] = niceness === 0 ? node : ['nice', '-n', String(niceness), ...node];
    const child = spawn(
      command as string,
      [...args, ...(options.arguments ?? [])],
      // The file itself, no pipe: what a program says as it dies is there when its end is told.
      { env: { NODE_ENV: 'production', ...options.environment }, stdio: ['ignore', log.fd, log.fd, 'ipc'] },
    );
    const program = new Program(child, options);
    await once(child, 'spawn');
    await log.close();
    running.add(program);
    return program;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @throws when it has ended although nobody stopped it */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** The next message that it sends to its parent. @throws when it ends instead */
  async message<T>(): Promise<T> {
    const ended = once(this.child, 'exit').then(() => {
      this.check();
      throw new Error(`${this.options.program} ended without a word`);
    });
    ended.catch(() => undefined);
    const [message] = (await Promise.race([once(this.child, 'message'), ended])) as [T];
    return message;
  }

  tell(message: object): void {
    this.child.send(message);
  }

  /** In order, so that a profile is written. @throws when it does not end well */
  async stop(): Promise<void> {
    this.#stopping = true;
    running.delete(this);
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const limit = new AbortController();
      const overdue = delay(STOP_WITHIN_MS, 'overdue', { signal: limit.signal }).catch(() => undefined);
      if ((await Promise.race([exit, overdue])) === 'overdue') this.child.kill('SIGKILL');
      limit.abort();
      await exit;
    }
    this.check();
  }

  kill(): void {
    this.#stopping = true;
    this.child.kill('SIGKILL');
  }
}

const running = new Set<Program>();

/** For a run that is cut off: nothing of ours stays. */
export function killPrograms(): void {
  for (const program of running) program.kill();
  running.clear();
}

/** Seconds of processor time that a process has used so far; not a number where the system does not tell. */
export async function processorSeconds(pid: number | undefined): Promise<number> {
  if (pid === undefined) return Number.NaN;
  try {
    const text = await readFile(join('/proc', String(pid), 'stat'), 'utf8');
    // The name, in brackets, may hold blanks; what counts follows it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

/** Seconds of processor time that the whole machine has spent on anything, a hypervisor's neighbours included. */
export async function machineSeconds(): Promise<number> {
  try {
    const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
    const [user, nice, system, , , interrupts, softInterrupts, steal] = first
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const ticks = [user, nice, system, interrupts, softInterrupts, steal];
    return ticks.reduce<number>((sum, value) => sum + (value ?? 0), 0) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}
