/**
 * This process among the others: it shows that it is alive, keeps the leases of its single-active roles, and
 * buries workers that died. Everything is done by one beat after the other, never two at once.
 */

import { TransientFault } from '@holdfast/core';
import {
  buryDeadWorkers,
  faultOf,
  holdLease,
  LEASE_MS,
  otherWorkers,
  registerWorker,
  releaseLease,
  renewWorker,
  unregisterWorker,
  type Database,
  type Sessions,
} from '@holdfast/store';
import { Logger } from '@nestjs/common';

const BEAT_MS = 1_000;

export interface PulseOptions {
  database: Database;
  sessions: Sessions;
  workerId: string;
  roles: readonly string[];
  /** names of leases to have when nobody else has */
  leases: readonly string[];
  onFatal: (error: unknown) => void;
}

export class Pulse {
  readonly #log = new Logger('pulse');
  /** until when each lease is ours for sure, by this process's monotonic clock */
  readonly #validUntil = new Map<string, number>();
  #others = 0;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly options: PulseOptions) {}

  /** Registers before anything is written; waits for the database. */
  async start(): Promise<void> {
    const { database, sessions, workerId, roles } = this.options;
    await registerWorker(database, workerId, roles, sessions.ids());
    await this.#beat();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#beating;
    const { database, leases, workerId } = this.options;
    for (const name of leases) await releaseLease(database, name, workerId);
    await unregisterWorker(database, workerId);
  }

  /** Whether this process is the active one. */
  holds(lease: string): boolean {
    return performance.now() < (this.#validUntil.get(lease) ?? 0);
  }

  /** Whether other processes write to the database too. */
  get hasCompany(): boolean {
    return this.#others > 0;
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
    const { database, sessions, workerId, roles, leases } = this.options;
    try {
      for (const name of leases) {
        const asked = performance.now();
        const had = this.holds(name);
        const has = await holdLease(database, name, workerId);
        this.#validUntil.set(name, has ? asked + LEASE_MS : 0);
        if (has !== had) this.#log.log(`${has ? 'active' : 'no longer active'}: ${name}`);
      }
      if (!(await renewWorker(database, workerId))) {
        this.#log.warn('was taken for dead, and is not: registering again');
        await registerWorker(database, workerId, roles, sessions.ids());
      }
      for (const dead of await buryDeadWorkers(database)) {
        this.#log.warn(`worker ${dead} is dead: ended its transactions`);
      }
      this.#others = await otherWorkers(database, workerId);
    } catch (error) {
      const fault = faultOf(error);
      if (!(fault instanceof TransientFault)) throw fault;
      this.#log.warn(`database away: ${fault.message}`);
    }
  }
}
