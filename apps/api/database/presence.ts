/**
 * This process among the others. Its sessions are noted before its first transaction, and it shows that it is
 * alive: when it dies, the workers end its transactions, and with them the locks on stock keys. Its being there
 * also tells the relay's process that others write to the outbox.
 */

import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import {
  Heartbeat,
  registerWorker,
  renewWorker,
  unregisterWorker,
  type Database,
  type Sessions,
  type WorkerIdentity,
} from '@holdfast/store';

export interface PresenceOptions {
  database: Database;
  sessions: Sessions;
  processId: string;
  onFatal: (error: unknown) => void;
}

export class Presence {
  readonly #log = new Logger('presence');
  readonly #heartbeat: Heartbeat;
  readonly #identity: WorkerIdentity;

  constructor(private readonly options: PresenceOptions) {
    this.#identity = { workerId: options.processId, incarnation: randomUUID().slice(0, 8) };
    this.#heartbeat = new Heartbeat({
      beat: () => this.#renew(),
      onAway: ({ message }) => this.#log.warn(`database away: ${message}`),
      onFatal: options.onFatal,
    });
  }

  async start(): Promise<void> {
    await this.#register();
    this.#heartbeat.answered();
    this.#heartbeat.start();
  }

  /** How long ago the primary last took a write of this process, ms; undefined when it never did. */
  get silentMs(): number | undefined {
    return this.#heartbeat.silentMs;
  }

  async stop(): Promise<void> {
    await this.#heartbeat.stop();
    await unregisterWorker(this.options.database, this.#identity);
  }

  #register(): Promise<void> {
    const { database, sessions } = this.options;
    return registerWorker(database, this.#identity, ['api'], sessions.ids());
  }

  async #renew(): Promise<void> {
    // The name is made up anew by each process, so nobody else can have taken it over.
    const renewed = await renewWorker(this.options.database, this.#identity);
    if (renewed === 'renewed') return;
    this.#log.warn('was taken for dead, and is not: registering again');
    await this.#register();
  }
}
