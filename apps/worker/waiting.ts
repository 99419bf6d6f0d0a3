/** The start of a worker waits for its servers: an outage is waited out, not restarted away. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { TransientFault } from '@holdfast/core';
import { isUnreachable, refusalOf } from '@holdfast/messaging';
import { faultOf } from '@holdfast/store';

const PAUSE_MS = 500;
/** No answer for so long is worth a line: the clients try for half a minute before they say what is wrong. */
const SLOW_MS = 1_000;
const TELL_AGAIN_MS = 30_000;

export interface Waiting {
  log: Pick<Logger, 'warn' | 'log'>;
  /** aborted when the process is to stop */
  signal: AbortSignal;
}

/**
 * The result of `ask` once the server answers.
 * @param whom as the log calls it
 * @throws what `ask` throws, unless it says that the server is away; the signal's reason as soon as it is aborted,
 *   with `ask` left to itself
 */
export async function whenThere<T>(whom: string, ask: () => Promise<T>, waiting: Waiting): Promise<T> {
  const { log, signal } = waiting;
  let toldAt = -Infinity;
  const tell = (why: string): void => {
    if (performance.now() - toldAt < TELL_AGAIN_MS) return;
    toldAt = performance.now();
    log.warn(`waiting for ${whom}: ${why}`);
  };
  for (;;) {
    try {
      const answer = await orAborted(ask(), signal, () => tell('no answer yet'));
      if (toldAt > -Infinity) log.log(`${whom} is there`);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw refusalOf(error) ?? faultOf(error);
      tell((error as Error).message);
    }
    await delay(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * Ends with the promise, or with the signal's reason when that comes first.
 * @param onSlow called when it has not ended after a moment
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal, onSlow: () => void): Promise<T> {
  let abort: (() => void) | undefined;
  const slow = setTimeout(onSlow, SLOW_MS);
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        abort = () => reject(signal.reason as Error);
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(slow);
    if (abort) signal.removeEventListener('abort', abort);
  }
}

function isAway(error: unknown): boolean {
  return faultOf(error) instanceof TransientFault || isUnreachable(error);
}
