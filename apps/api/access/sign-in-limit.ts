/** Failed sign-ins of one address, in this process: ten a minute, then none until the minute is over. */

import { Injectable } from '@nestjs/common';
import { ApiProblem } from '../conventions/problem.js';

const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

interface Failures {
  count: number;
  /** by the monotonic clock */
  until: number;
}

@Injectable()
export class SignInLimit {
  readonly #failures = new Map<string, Failures>();

  /** @throws ApiProblem 429 */
  check(address: string, now = performance.now()): void {
    const failures = this.#failures.get(address);
    if (!failures || failures.count < MAX_FAILURES || now >= failures.until) return;
    const seconds = Math.ceil((failures.until - now) / 1_000);
    const detail = `Too many wrong keys; try again in ${seconds} seconds.`;
    throw new ApiProblem(429, 'too-many-attempts', detail, {}, { 'Retry-After': String(seconds) });
  }

  failed(address: string, now = performance.now()): void {
    const failures = this.#failures.get(address);
    if (failures && now < failures.until) {
      failures.count += 1;
      return;
    }
    if (this.#failures.size >= MAX_ADDRESSES) this.#failures.clear();
    this.#failures.set(address, { count: 1, until: now + WINDOW_MS });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
