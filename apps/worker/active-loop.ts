/**
 * A loop that does its work while this process is the active one, waits for a signal in between, and waits out
 * what is only away. An unknown error is a fault of ours and stops the process.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { GuardFault, RefusedFault, TransientFault } from '@holdfast/core';
import { isBrokerFault, refusalOf } from '@holdfast/messaging';
import { faultOf } from '@holdfast/store';
import type { Signal } from './signal.js';

const MAX_BACKOFF_MS = 2_000;
/** How long an inactive process waits before it looks again whether it is active. */
const INACTIVE_MS = 250;

export interface ActiveLoopOptions {
  log: Logger;
  wake: Signal;
  isActive: () => boolean;
  /** one turn; @returns how long to wait for the signal before the next, ms */
  turn: () => Promise<number>;
  onFatal: (error: unknown) => void;
}

export class ActiveLoop {
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ActiveLoopOptions) {}

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.options.onFatal(error));
  }

  /** Ends after the turn at hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.options.wake.raise();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { wake, isActive, turn, log } = this.options;
    let failures = 0;
    while (!this.#stopping) {
      if (!isActive()) {
        await wake.wait(INACTIVE_MS);
        continue;
      }
      try {
        const pauseMs = await turn();
        failures = 0;
        if (pauseMs > 0 && !this.#stopping) await wake.wait(pauseMs);
      } catch (error) {
        const fault = refusalOf(error) ?? faultOf(error);
        if (fault instanceof RefusedFault) throw fault;
        if (!canWait(fault)) throw fault;
        failures += 1;
        if (failures === 1 || failures % 30 === 0) log.warn(`waiting: ${(fault as Error).message}`);
        await delay(Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2));
      }
    }
  }
}

function canWait(fault: unknown): boolean {
  return fault instanceof TransientFault || fault instanceof GuardFault || isBrokerFault(fault);
}
