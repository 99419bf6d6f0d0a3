/**
 * Which messages of one partition have been handled, in memory and bounded: the last `limit` orders (and merchants'
 * changes), each with its latest version and the ids that share it.
 *
 * First deliveries of an order's messages come in version order. So an older version than the latest one handled is
 * a copy, and of the latest version the ids tell. Both only hold within one partition, which is why each has its own.
 */

import type { Identity } from './incoming.js';

interface Latest {
  version: number;
  ids: string[];
}

export class Seen {
  /** least lately handled first */
  readonly #latest = new Map<string, Latest>();

  constructor(private readonly limit: number) {}

  has({ subject, version, id }: Identity): boolean {
    const latest = this.#latest.get(subject);
    if (!latest || version > latest.version) return false;
    return version < latest.version || latest.ids.includes(id);
  }

  /** To be called once a message is handled, in the order of the partition. */
  add({ subject, version, id }: Identity): void {
    const known = this.#latest.get(subject);
    if (known && known.version > version) return;
    const latest = known?.version === version ? known : { version, ids: [] };
    latest.ids.push(id);
    this.#latest.delete(subject);
    this.#latest.set(subject, latest);
    if (this.#latest.size <= this.limit) return;
    for (const oldest of this.#latest.keys()) {
      this.#latest.delete(oldest);
      break;
    }
  }

  get size(): number {
    return this.#latest.size;
  }
}
