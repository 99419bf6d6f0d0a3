/** The API program beside a pipeline, in a process of its own, with the page that it serves. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Pipeline } from './pipeline.js';

const PROGRAM = 'dist/apps/api/main.js';
const READY_WITHIN_MS = 60_000;

export class ApiProcess {
  readonly #log: string[] = [];
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  url = '';

  private constructor(private readonly environment: Record<string, string>) {}

  /** Resolves when it serves, on a port that is free. */
  static async start(shop: Pipeline): Promise<ApiProcess> {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not built: run \`npm run build\` first`);
    const { PATH = '', HOME = '' } = process.env;
    const api = new ApiProcess({ PATH, HOME, ...shop.environment });
    await api.startAgain('0');
    return api;
  }

  /** On the port that it had, so that pages find it. */
  async startAgain(port = new URL(this.url).port): Promise<void> {
    const child = spawn(process.execPath, [resolve(PROGRAM)], {
      env: { ...this.environment, HOLDFAST_API_PORT: port },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#exited = once(child, 'close');
    this.url = await this.#ready(child);
  }

  /** What it has logged so far. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#exited;
  }

  async #ready(child: ChildProcess): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((found, failed) => {
        const fail = (why: string): void => failed(new Error(`the API ${why}:\n${this.#log.join('\n')}`));
        for (const stream of [child.stdout, child.stderr]) {
          if (!stream) continue;
          createInterface({ input: stream }).on('line', (line) => {
            this.#log.push(line);
            const url = /ready: (http\S+)/.exec(line)?.[1];
            if (url !== undefined) found(url);
          });
        }
        timer = setTimeout(() => {
          child.kill('SIGKILL');
          fail(`was not ready in ${READY_WITHIN_MS} ms`);
        }, READY_WITHIN_MS);
        void this.#exited.then(() => fail('ended'));
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
