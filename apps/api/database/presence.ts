/**
 * This process among the others. Its sessions are noted before its first transaction, and it shows that it is
 * alive: when it dies, the workers end its transactions, and with them the locks on stock keys. Its being there
 * also tells the relay's process that others write to the outbox.
 */

import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { TransientFault } from '@holdfast/core';
import {
  faultOf,
  registerWorker,
  renewWorker,
  unregisterWorker,
  type Database,
  type Sessions,
  type WorkerIdentity,
} from '@holdfast/store';

const BEAT_MS = 1_000;

export interface PresenceOptions {
  database: Database;
  sessions: Sessions;
  processId: string;
  onFatal: (error: unknown) => void;
}

export class Presence {
  readonly #log = new Logger('presence');
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;
  /** when the primary last took a beat, by the monotonic clock */
  #answeredAt: number | undefined;

  readonly #identity: WorkerIdentity;

  constructor(private readonly options: PresenceOptions) {
    this.#identity = { workerId: options.processId, incarnation: randomUUID().slice(0, 8) };
  }

  async start(): Promise<void> {
    await this.#register();
    this.#answeredAt = performance.now();
    this.#schedule();
  }

  /** How long ago the primary last took a write of this process, ms; undefined when it never did. */
  get silentMs(): number | undefined {
    return this.#answeredAt === undefined ? undefined : performance.now() - this.#answeredAt;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#beating;
    await unregisterWorker(this.options.database, this.#identity);
  }

  #register(): Promise<void> {
    const { database, sessions } = this.options;
    return registerWorker(database, this.#identity, ['api'], sessions.ids());
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat().then(
        () => this.#schedule(),
        (error: unknown) => this.options.onFatal(error),
      );
    }, BEAT_MS);
  }

  async #beat(): Promise<void> {
    try {
      // The name is made up anew by each process, so nobody else can have taken it over.
      const renewed = await renewWorker(this.options.database, this.#identity);
      this.#answeredAt = performance.now();
      if (renewed === 'renewed') return;
      this.#log.warn('was taken for dead, and is not: registering again');
      await this.#register();
    } catch (error) {
      const fault = faultOf(error);
      if (!(fault instanceof TransientFault)) throw fault;
      this.#log.warn(`database away: ${fault.message}`);
    }
  }
}
