/** Something done once a second, one after the other and never two at once, until it is stopped. Outages are waited out. */

import { TransientFault } from '@holdfast/core';
import { faultOf } from '../database/faults.js';

const BEAT_MS = 1_000;

export interface HeartbeatOptions {
  beat: () => Promise<void>;
  /** told of an outage */
  onAway: (fault: TransientFault) => void;
  /** of anything else; there is no beat any more */
  onFatal: (error: unknown) => void;
}

export class Heartbeat {
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;
  /** when the primary last took a beat, by the monotonic clock */
  #answeredAt: number | undefined;

  constructor(private readonly options: HeartbeatOptions) {}

  /** How long ago the primary last took a beat, ms; undefined when it never did. */
  get silentMs(): number | undefined {
    return this.#answeredAt === undefined ? undefined : performance.now() - this.#answeredAt;
  }

  /** The primary has taken something else of this process. */
  answered(): void {
    this.#answeredAt = performance.now();
  }

  /** The first one a second from now. */
  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.now().then(
        () => this.start(),
        (error: unknown) => this.options.onFatal(error),
      );
    }, BEAT_MS);
  }

  /** One between the others. @throws what is no outage */
  async now(): Promise<void> {
    const { beat, onAway } = this.options;
    try {
      await beat();
      this.answered();
    } catch (error) {
      const fault = faultOf(error);
      if (!(fault instanceof TransientFault)) throw fault;
      onAway(fault);
    }
  }

  /** Resolves when no beat is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#beating;
  }
}
