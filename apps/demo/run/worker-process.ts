/** One worker: the same program as `npm run worker`, started, killed, started again and stopped. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment } from '@holdfast/config';
import { exitOf, ProgramFailed, saidOf, startChild } from './child.js';

export type WorkerState = 'starting' | 'works' | 'killed' | 'stopping' | 'stopped' | 'failed';

export interface WorkerServers {
  brokers: readonly string[];
  mongoUri: string;
  database: string;
}

export interface WorkerOptions {
  name: string;
  program: string;
  servers: WorkerServers;
  logFile: string;
  /** when it ends and nobody had asked it to */
  onFailure: (error: Error) => void;
}

const STOP_WITHIN_MS = 30_000;

export class WorkerProcess {
  #child: ChildProcess | undefined;
  #state: WorkerState = 'starting';

  constructor(private readonly options: WorkerOptions) {}

  get name(): string {
    return this.options.name;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it says that it is ready. @throws when it ends before */
  async start(): Promise<void> {
    const { name, program, servers, logFile } = this.options;
    this.#state = 'starting';
    const environment = childEnvironment(
      {
        brokers: servers.brokers.join(','),
        mongoUri: servers.mongoUri,
        database: servers.database,
        workerId: name,
      },
      'dropped',
    );
    const child = startChild({ program, environment, logFile });
    this.#child = child;
    const ended = exitOf(child).then((exit) => {
      if (this.#child !== child || this.#state === 'killed' || this.#state === 'stopping') return;
      this.#state = 'failed';
      throw new ProgramFailed(name, exit, logFile);
    });
    await Promise.race([once(child, 'message'), ended]);
    // It may have been killed or stopped meanwhile.
    if (this.state === 'starting') this.#state = 'works';
    ended.catch((error: Error) => this.options.onFailure(error));
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
