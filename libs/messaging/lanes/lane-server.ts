/**
 * Nest's transport strategy for lanes: one kafkajs consumer that does nothing but hand on what it fetched, so
 * that fetching and heartbeats never wait for the database; the lanes do the work.
 */

import { Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { Consumption } from './consumption.js';
import { checkHandlers, translator } from './handlers.js';
import type { LaneProgress, LaneServerOptions } from './lane-server-options.js';
import type { Log } from '../records.js';
import { systemClock } from '../system-clock.js';

export class LaneServer<E> extends Server implements CustomTransportStrategy {
  #consumption: Consumption<E> | undefined;
  readonly #log: Log;

  constructor(private readonly options: LaneServerOptions<E>) {
    super();
    this.#log = options.logger ?? new Logger('lanes');
  }

  /** Calls back when this worker has joined its group, or with what is wrong. */
  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  async #start(): Promise<void> {
    const { topics, topicPrefix = '', clock = systemClock } = this.options;
    checkHandlers(topics, this.messageHandlers);
    const translate = translator<E>(topics, topicPrefix, this.messageHandlers);
    const { options } = this;
    this.#consumption = new Consumption({ ...options, topicPrefix, clock, log: this.#log, translate });
    await this.#consumption.start();
  }

  /** Takes in nothing more, finishes the batches in flight and commits their offsets; stays in the group. */
  async drain(): Promise<void> {
    await this.#consumption?.drain();
  }

  /** Drains, leaves the group and disconnects. */
  async close(): Promise<void> {
    await this.#consumption?.close();
  }

  progress(): LaneProgress {
    return (
      this.#consumption?.progress() ?? {
        lanes: [],
        appliedRecords: 0,
        bufferedRecords: 0,
        positions: new Map(),
      }
    );
  }

  /** There are no events to subscribe to. */
  override on(): never {
    throw new Error('a LaneServer has no events');
  }

  /** There is nothing inside that anybody else should use. */
  override unwrap<T>(): T {
    throw new Error('a LaneServer unwraps to nothing');
  }
}
