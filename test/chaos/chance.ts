/** Random choices that a seed repeats. `HOLDFAST_SEED` sets it; every test file prints the one it runs with. */

import { randomInt } from 'node:crypto';

const given = process.env['HOLDFAST_SEED'];
const seed = given === undefined || given === '' ? randomInt(2 ** 31) : Number(given);

export class Chance {
  private constructor(private state: number) {}

  /** The same choices for the same seed and name, whatever others choose meanwhile. */
  static of(name: string): Chance {
    let state = seed | 0;
    for (const character of name) state = (Math.imul(state, 31) + character.charCodeAt(0)) | 0;
    return new Chance(state);
  }

  /** From 0 to 1, 1 left out (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Both ends included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True so often, from 0 to 1. */
  happens(share: number): boolean {
    return this.next() < share;
  }

  oneOf<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('there is nothing to choose from');
    return list[this.integer(0, list.length - 1)] as T;
  }
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Once in each test file. */
export function printSeed(): void {
  say(`to repeat its random choices: HOLDFAST_SEED=${seed}`);
}
