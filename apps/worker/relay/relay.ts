/**
 * Publishes what the transactions left in the outbox, by sequence, one send in flight, and deletes what the
 * broker has. Woken by the committing process; a slow look from time to time covers a wake that was lost.
 * A crash between sending and deleting publishes again: consumers see the same ids.
 */

import type { Logger } from '@nestjs/common';
import type { Publisher } from '@holdfast/messaging';
import {
  deleteFromOutbox,
  outgoingOf,
  publishLetter,
  readOutbox,
  type Database,
  type OutboxDoc,
} from '@holdfast/store';
import type { Signal } from '../signal.js';
import type { OutboxMemory } from './outbox-memory.js';

/** Documents of one send; each holds the outcomes of a batch. */
const READ_LIMIT = 4;

export interface RelayOptions {
  database: Database;
  publisher: Publisher;
  topicPrefix: string;
  /** what this process has committed itself */
  memory: OutboxMemory;
  /** raised when there is more */
  wake: Signal;
  log: Logger;
}

export class Relay {
  constructor(private readonly options: RelayOptions) {}

  /** Publishes until nothing waits, reading ahead and deleting behind while it sends. */
  async drain(isActive: () => boolean): Promise<void> {
    const { database, memory, wake } = this.options;
    const taken = new Set<string>();
    const deletions = new Set<Promise<void>>();
    let sending: Promise<void> = Promise.resolve();
    try {
      for (;;) {
        wake.lower();
        const docs = await readOutbox(database, READ_LIMIT, [...taken], (id) => memory.take(id));
        await sending;
        if (docs.length === 0 || !isActive()) break;
        const ids = docs.map((doc) => doc._id);
        for (const id of ids) taken.add(id);
        sending = this.#publish(docs).then(() => {
          const deletion = deleteFromOutbox(database, ids).then(() => {
            for (const id of ids) taken.delete(id);
            deletions.delete(deletion);
          });
          // Awaited at the end; until then a failure must not count as unhandled.
          deletion.catch(() => undefined);
          deletions.add(deletion);
        });
        sending.catch(() => undefined);
        if (docs.length === READ_LIMIT || wake.isRaised) continue;
        // Nothing else waited. Looking again for what nobody told of would double the reads of a worker with little to do.
        await sending;
        if (!wake.isRaised) break;
      }
      await Promise.all(deletions);
    } finally {
      await Promise.allSettled([sending, ...deletions]);
    }
  }

  async #publish(docs: OutboxDoc[]): Promise<void> {
    const { database, publisher, topicPrefix, log } = this.options;
    const messages = docs.flatMap((doc) => outgoingOf(doc, topicPrefix));
    if (messages.length > 0) await publisher.publish(messages);
    for (const letter of docs.flatMap((doc) => doc.letters ?? [])) {
      const file = await publishLetter(database, letter, (message) => publisher.offer(message));
      if (file !== undefined) log.warn(`${letter.topic} does not take ${file}: its value is kept in GridFS`);
    }
  }
}
