/**
 * This process among the others: it shows that it is alive, keeps the leases of its single-active roles, and
 * buries workers that died. Everything is done by one beat after the other, never two at once.
 */

import { randomUUID } from 'node:crypto';
import {
  buryDeadWorkers,
  Heartbeat,
  holdLease,
  LEASE_MS,
  otherWorkers,
  registerWorker,
  releaseLease,
  renewWorker,
  unregisterWorker,
  type Database,
  type Sessions,
  type WorkerIdentity,
} from '@holdfast/store';
import { Logger } from '@nestjs/common';

export interface PulseOptions {
  database: Database;
  sessions: Sessions;
  workerId: string;
  roles: readonly string[];
  /** names of leases to have when nobody else has */
  leases: readonly string[];
  onFatal: (error: unknown) => void;
}

/** Another process has registered under this one's name, so that this one has to go. */
export class NameTaken extends Error {
  override name = 'NameTaken';
  constructor(workerId: string) {
    super(
      `HOLDFAST_WORKER_ID: another process has started as "${workerId}" since this one did, and has taken the name ` +
        'over; give each process a name of its own, or leave the setting empty and one is made up',
    );
  }
}

export class Pulse {
  readonly identity: WorkerIdentity;
  readonly #log = new Logger('pulse');
  /** until when each lease is ours for sure, by this process's monotonic clock */
  readonly #validUntil = new Map<string, number>();
  readonly #heartbeat: Heartbeat;
  #others = 0;
  #isRegistered = false;

  constructor(private readonly options: PulseOptions) {
    this.identity = { workerId: options.workerId, incarnation: randomUUID().slice(0, 8) };
    this.#heartbeat = new Heartbeat({
      beat: () => this.#beat(),
      onAway: ({ message }) => this.#log.warn(`database away: ${message}`),
      onFatal: options.onFatal,
    });
  }

  /** Registers before anything is written. @throws when the database is away: to be called again */
  async start(): Promise<void> {
    const { database, sessions, roles } = this.options;
    await registerWorker(database, this.identity, roles, sessions.ids());
    this.#isRegistered = true;
    await this.#heartbeat.now();
    this.#heartbeat.start();
  }

  async stop(): Promise<void> {
    await this.#heartbeat.stop();
    if (!this.#isRegistered) return;
    const { database, leases } = this.options;
    for (const name of leases) await releaseLease(database, name, this.identity);
    await unregisterWorker(database, this.identity);
  }

  /** Whether this process is the active one. */
  holds(lease: string): boolean {
    return performance.now() < (this.#validUntil.get(lease) ?? 0);
  }

  /** The leases that this process has, or would have if nobody else did. */
  get leases(): readonly string[] {
    return this.options.leases;
  }

  /** How long ago the primary last took a write of this process, ms; undefined when it never did. */
  get silentMs(): number | undefined {
    return this.#heartbeat.silentMs;
  }

  /** Whether other processes write to the database too. */
  get hasCompany(): boolean {
    return this.#others > 0;
  }

  async #beat(): Promise<void> {
    const { database, workerId, leases } = this.options;
    await this.#renew();
    for (const name of leases) {
      const asked = performance.now();
      const had = this.holds(name);
      const has = await holdLease(database, name, this.identity);
      this.#validUntil.set(name, has ? asked + LEASE_MS : 0);
      if (has !== had) this.#log.log(`${has ? 'active' : 'no longer active'}: ${name}`);
    }
    for (const dead of await buryDeadWorkers(database)) {
      this.#log.warn(`worker ${dead} is dead: ended its transactions`);
    }
    this.#others = await otherWorkers(database, workerId);
  }

  /** Before the leases: whose name is another's by now must not ask for any. */
  async #renew(): Promise<void> {
    const { database, sessions, workerId, roles } = this.options;
    switch (await renewWorker(database, this.identity)) {
      case 'renewed':
        return;
      case 'superseded':
        this.#validUntil.clear();
        throw new NameTaken(workerId);
      case 'gone':
        this.#log.warn('was taken for dead, and is not: registering again');
        await registerWorker(database, this.identity, roles, sessions.ids());
    }
  }
}
