/** A program of this project that serves until it is stopped: started, killed, started again and stopped. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { exitOf, ProgramFailed, saidOf, startChild } from './child.js';

export type ProgramState = 'starting' | 'works' | 'killed' | 'stopping' | 'stopped' | 'failed';

export interface ProgramOptions {
  /** for people */
  name: string;
  program: string;
  environment: Record<string, string | undefined>;
  logFile: string;
  /** when it ends and nobody had asked it to */
  onFailure: (error: Error) => void;
}

const STOP_WITHIN_MS = 30_000;

export class ProgramProcess {
  #child: ChildProcess | undefined;
  #state: ProgramState = 'starting';

  constructor(private readonly options: ProgramOptions) {}

  get name(): string {
    return this.options.name;
  }

  get state(): ProgramState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves with what it says when it is ready. @throws when it ends before */
  async start(): Promise<unknown> {
    const { name, program, environment, logFile } = this.options;
    this.#state = 'starting';
    const child = startChild({ program, environment, logFile });
    this.#child = child;
    const ended = exitOf(child).then((exit) => {
      if (this.#child !== child || this.#state === 'killed' || this.#state === 'stopping') return;
      this.#state = 'failed';
      throw new ProgramFailed(name, exit, logFile);
    });
    const said = (await Promise.race([once(child, 'message'), ended])) as unknown[] | undefined;
    // It may have been killed or stopped meanwhile.
    if (this.state === 'starting') this.#state = 'works';
    ended.catch((error: Error) => this.options.onFailure(error));
    return said?.[0];
  }

  /** Without any warning, as a machine that loses its power. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#state = 'killed';
    child.kill('SIGKILL');
    await exitOf(child);
  }

  /** As an operator stops it. @returns its exit code, or what ended it */
  async stop(): Promise<number | string> {
    const child = this.#child;
    if (!child || this.#state === 'killed') return 0;
    this.#state = 'stopping';
    child.kill('SIGTERM');
    const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    const exit = await exitOf(child);
    clearTimeout(giveUp);
    this.#state = 'stopped';
    return exit.code ?? saidOf(exit);
  }
}
