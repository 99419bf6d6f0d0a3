/**
 * How a long-running process ends: once, on a signal, when the program that started it is gone, or for a fault that
 * nobody can wait out.
 */

import type { LoggerService } from '@nestjs/common';

/** A stop that takes longer, as when a server does not answer, is given up: all that is in flight is safe to repeat. */
const STOP_WITHIN_MS = 15_000;

export interface ProcessEnd {
  /** Ends the process with 1. */
  onFatal: (error: unknown) => void;
  readonly hasBegun: boolean;
}

export interface ProcessEndOptions {
  log: LoggerService;
  stop: () => Promise<void>;
  /** an error, for people */
  said: (error: unknown) => string;
}

/** From now on the process ends in order. */
export function endInOrder({ log, stop, said }: ProcessEndOptions): ProcessEnd {
  let hasBegun = false;
  const end = (code: number, why: string): void => {
    if (hasBegun) return;
    hasBegun = true;
    log.log(why);
    const giveUp = setTimeout(() => {
      log.warn('what is at hand does not come to an end: left, to be done again');
      process.exit(code);
    }, STOP_WITHIN_MS);
    stop()
      .catch((error: unknown) => log.error(said(error)))
      .finally(() => {
        clearTimeout(giveUp);
        process.exit(code);
      });
  };
  const onFatal = (error: unknown): void => {
    log.error(said(error));
    end(1, 'stopping: this cannot be waited out');
  };
  process.on('SIGINT', () => end(0, 'stopping on SIGINT'));
  process.on('SIGTERM', () => end(0, 'stopping on SIGTERM'));
  // Started by a program that looks after it (npm start, the demo): not without that one.
  if (process.send) process.on('disconnect', () => end(0, 'stopping: the program that started this is gone'));
  process.on('unhandledRejection', onFatal);
  process.on('uncaughtException', onFatal);
  return {
    onFatal,
    get hasBegun() {
      return hasBegun;
    },
  };
}
