/**
 * Wakes the relay when another process commits. A change stream costs the server a look at everything that is
 * written, so it is open only while there are other processes, only where the relay is active, and not while its own
 * process commits so often that the relay looks by itself soon enough.
 */

import { Logger } from '@nestjs/common';
import type { mongo } from 'mongoose';
import type { Database } from '@holdfast/store';
import type { Pulse } from '../pulse.js';
import type { Signal } from '../signal.js';

const LOOK_MS = 1_000;
/** Of its own process, from one look to the next: the relay then looks at least every 50 ms on the average. */
const MANY_COMMITS = 20;

export class OutboxWatcher {
  readonly #log = new Logger('relay');
  #stream: mongo.ChangeStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #commits = 0;

  constructor(
    private readonly database: Database,
    private readonly pulse: Pulse,
    private readonly wake: Signal,
  ) {}

  /** This process has committed, and told the relay. */
  committed(): void {
    this.#commits += 1;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#stream?.close();
  }

  #look(): void {
    const isBusy = this.#commits >= MANY_COMMITS;
    this.#commits = 0;
    const wanted = this.pulse.hasCompany && this.pulse.holds('relay') && !isBusy;
    if (wanted === (this.#stream !== undefined)) return;
    if (wanted) this.#open();
    else this.#close();
  }

  #open(): void {
    const stream = this.database.outbox.watch([
      { $match: { operationType: 'insert' } },
      { $project: { _id: 1 } },
    ]);
    this.#stream = stream;
    stream.on('change', () => this.wake.raise());
    // The relay's own slow look covers the time until it is open again.
    stream.on('error', (error: Error) => {
      this.#log.debug(`change stream: ${error.message}`);
      if (this.#stream === stream) this.#close();
    });
  }

  #close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.close().catch((error: Error) => this.#log.debug(`change stream: ${error.message}`));
  }
}
