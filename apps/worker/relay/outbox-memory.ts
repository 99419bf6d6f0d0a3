/**
 * Outbox documents that this process has committed and not yet published, so that the relay beside it reads only
 * their ids. Losing one costs a read, so it is bounded, and nothing depends on it.
 */

import type { OutboxDoc } from '@holdfast/store';

const MAX_BYTES = 64 * 1024 * 1024;

export class OutboxMemory {
  readonly #docs = new Map<string, OutboxDoc>();
  #bytes = 0;

  /** @param isWanted whether this process publishes; what it kept is forgotten when it does not */
  constructor(
    private readonly isWanted: () => boolean,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  /** Beyond the limit the newest are left to be read: the oldest are published first. */
  keep(docs: readonly OutboxDoc[]): void {
    if (!this.isWanted()) return this.#clear();
    for (const doc of docs) {
      // Dead letters may be in files of their own, and are rare.
      if (doc.letters || this.#bytes + doc.messages.position > this.maxBytes) continue;
      this.#docs.set(doc._id, doc);
      this.#bytes += doc.messages.position;
    }
  }

  /** The document, forgotten from now on. */
  take(id: string): OutboxDoc | undefined {
    const doc = this.#docs.get(id);
    if (!doc) return undefined;
    this.#docs.delete(id);
    this.#bytes -= doc.messages.position;
    return doc;
  }

  #clear(): void {
    this.#docs.clear();
    this.#bytes = 0;
  }
}
