import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './records.js';

export const systemClock: Clock = {
  now: Date.now,
  delay: async (delayMs, signal) => {
    // An abort ends the wait; it is no failure of it.
    await delay(delayMs, undefined, signal && { signal }).catch(() => undefined);
  },
};
