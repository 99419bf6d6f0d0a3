/** One producer as the demo sees it: told what to do, and heard when it has done it. */

import type { ChildProcess } from 'node:child_process';
import { childEnvironment } from '@holdfast/config';
import type { ProducerNews, ProducerOrder } from '../producer/orders.js';
import type { Scene } from '../traffic/plan.js';
import type { Service } from '../traffic/record.js';
import { exitOf, ProgramFailed, startChild } from './child.js';

export interface ProducerOptions {
  service: Service;
  program: string;
  logFile: string;
}

export class ProducerProcess {
  readonly #child: ChildProcess;
  readonly #heard = new Set<ProducerNews['type']>();
  readonly #waiting = new Map<ProducerNews['type'], () => void>();
  readonly #failed: Promise<never>;

  constructor(private readonly options: ProducerOptions) {
    const { service, program, logFile } = options;
    const environment = childEnvironment({}, 'dropped');
    const child = startChild({ program, environment, logFile });
    this.#child = child;
    child.on('message', (news: ProducerNews) => {
      this.#heard.add(news.type);
      this.#waiting.get(news.type)?.();
    });
    this.#failed = exitOf(child).then((exit) => {
      // What it said last may be read after its end is known.
      if (exit.code === 0) return new Promise<never>(() => undefined);
      throw new ProgramFailed(`producer ${service}`, exit, logFile);
    });
    this.#failed.catch(() => undefined);
  }

  /** Resolves when it is connected to Kafka. */
  async prepare(brokers: readonly string[]): Promise<void> {
    this.#tell({ type: 'prepare', service: this.options.service, brokers: [...brokers] });
    await this.#until('prepared');
  }

  start(scene: Scene): void {
    this.#tell({ type: 'start', scene });
  }

  /** Resolves when everything planned is sent. */
  plannedSent(): Promise<void> {
    return this.#until('planned-sent');
  }

  /** Resolves when everything begun is sent and nothing new will come. */
  async finish(): Promise<void> {
    this.#tell({ type: 'finish' });
    await this.#until('finished');
  }

  async kill(): Promise<void> {
    if (this.#child.connected) this.#child.kill('SIGKILL');
    await exitOf(this.#child);
  }

  #tell(order: ProducerOrder): void {
    this.#child.send(order, () => undefined); // a child that is gone is told of by its exit
  }

  async #until(type: ProducerNews['type']): Promise<void> {
    if (this.#heard.has(type)) return;
    await Promise.race([new Promise<void>((resolve) => this.#waiting.set(type, resolve)), this.#failed]);
  }
}
