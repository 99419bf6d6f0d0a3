/** The worker program as a child process of a test: started, signalled, stopped, and what it said. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = 'dist/apps/worker/main.js';
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 40_000;
const KEPT_LINES = 2_000;

export interface WorkerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #watchers = new Set<(line: string) => void>();
  readonly exited: Promise<WorkerExit>;
  /** undefined while it runs */
  exit: WorkerExit | undefined;
  /** a test has asked it to end, so that its end is no surprise */
  mayExit = false;

  constructor(
    readonly id: string,
    environment: Record<string, string>,
    onExit: (worker: WorkerProcess) => void,
  ) {
    const program = resolve(PROGRAM);
    if (!existsSync(program)) throw new Error(`${PROGRAM} is not built: run \`npm run build\` first`);
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, ['--max-semi-space-size=128', program], {
      env: { PATH, HOME, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
    // 'close' comes when its last lines have been read.
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.exit = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      onExit(this);
      return this.exit;
    });
  }

  /** Resolves when it has said that it is ready. @throws with its log when it ends or is not ready in time */
  async ready(): Promise<void> {
    await this.says(/\bready\b/, READY_WITHIN_MS);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** its last lines, standard output and error as they came */
  get log(): readonly string[] {
    return this.#lines;
  }

  /** Resolves with the first line, said already or to come, that matches. */
  async says(pattern: RegExp, withinMs = 30_000): Promise<string> {
    const said = this.#lines.find((line) => pattern.test(line));
    if (said !== undefined) return said;
    let watcher: ((line: string) => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    const missed = (why: string): Error =>
      new Error(`${this.id} did not say ${pattern}: ${why}\n${this.#tail()}`);
    try {
      return await new Promise<string>((found, failed) => {
        watcher = (line) => pattern.test(line) && found(line);
        this.#watchers.add(watcher);
        timer = setTimeout(() => failed(missed(`${withinMs} ms have passed`)), withinMs);
        void this.exited.then(({ code, signal }) => failed(missed(`it ended with ${signal ?? code}`)));
      });
    } finally {
      clearTimeout(timer);
      if (watcher) this.#watchers.delete(watcher);
    }
  }

  /** Sends a signal; after one that ends it, resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ends = signal !== 'SIGSTOP' && signal !== 'SIGCONT';
    if (ends) this.mayExit = true;
    this.#child.kill(signal);
    if (ends) await this.exited;
  }

  /** As an operator stops it. @returns how it ended; killed and reported as such when it takes too long */
  async stop(): Promise<WorkerExit> {
    this.mayExit = true;
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  #hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, KEPT_LINES / 2);
    for (const watcher of this.#watchers) watcher(line);
  }

  #tail(): string {
    return this.#lines.slice(-40).join('\n');
  }
}
