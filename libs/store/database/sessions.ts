/**
 * A fixed set of sessions for the transactions of this process. Their ids are known before the first
 * transaction, so that others can end them when this process dies: a transaction left open keeps its keys
 * locked until the server gives up on it.
 */

import type { mongo } from 'mongoose';
import type { Database } from './database.js';
import { startSession } from './transact.js';

export class Sessions {
  readonly #all: mongo.ClientSession[];
  readonly #idle: mongo.ClientSession[];
  readonly #waiting: ((session: mongo.ClientSession) => void)[] = [];

  constructor(database: Database, size: number) {
    this.#all = Array.from({ length: size }, () => startSession(database));
    this.#idle = [...this.#all];
  }

  /** The ids under which the server knows them. */
  ids(): mongo.Binary[] {
    return this.#all.map((session) => (session.id as { id: mongo.Binary }).id);
  }

  async use<T>(work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
    const session =
      this.#idle.pop() ?? (await new Promise<mongo.ClientSession>((take) => this.#waiting.push(take)));
    try {
      return await work(session);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(session);
      else this.#idle.push(session);
    }
  }

  async close(): Promise<void> {
    for (const session of this.#all) await session.endSession();
  }
}
