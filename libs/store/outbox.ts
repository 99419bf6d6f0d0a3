/**
 * The outbox: what a transaction publishes, written in the same transaction, one document a batch.
 *
 * Documents sort by sequence. A batch takes a sequence above that of every order it reads, so that what is
 * published first of an order was decided first, without a counter that all batches would meet at.
 */

import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import type { OutboxDoc, OutboxLetter, OutboxMessage } from './documents.js';

/** A dead letter as it will stand in its topic. */
export interface RawMessage {
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, Buffer][];
}

/** A document stays this far below MongoDB's 16 MB. */
export const MAX_OUTBOX_BYTES = 4_000_000;
/** A larger value goes to GridFS. */
export const MAX_INLINE_LETTER_BYTES = 3_000_000;

/** Above `floor`, and near the clock, so that sequences of all processes grow alike. */
export function nextSequence(floor: number, now: number): number {
  return Math.max(now * 1_000, floor + 1);
}

export function outboxDocs(
  sequence: number,
  at: Date,
  messages: readonly OutboxMessage[],
  letters: readonly OutboxLetter[],
): OutboxDoc[] {
  if (messages.length === 0 && letters.length === 0) return [];
  const unique = randomUUID().slice(0, 8);
  const docs: OutboxDoc[] = [];
  let bytes = MAX_OUTBOX_BYTES;
  let doc: OutboxDoc | undefined;
  const room = (size: number): OutboxDoc => {
    bytes += size;
    if (!doc || bytes > MAX_OUTBOX_BYTES) {
      const part = String(docs.length).padStart(3, '0');
      docs.push((doc = { _id: `${String(sequence).padStart(16, '0')}-${unique}-${part}`, at, messages: [] }));
      bytes = size;
    }
    return doc;
  };
  for (const message of messages) room(message.value.length + 200).messages.push(message);
  for (const letter of letters) {
    const target = room((letter.value?.length() ?? 0) + 1_000);
    (target.letters ??= []).push(letter);
  }
  return docs;
}

export function letterOf(message: RawMessage, file?: string): OutboxLetter {
  const letter: OutboxLetter = {
    topic: message.topic,
    key: message.key && new mongo.Binary(message.key),
    value: message.value && file === undefined ? new mongo.Binary(message.value) : null,
    headers: message.headers.map(([name, value]) => [name, new mongo.Binary(value)]),
  };
  if (file !== undefined) letter.file = file;
  return letter;
}

export function rawOf(letter: OutboxLetter, value: Buffer | null): RawMessage {
  return {
    topic: letter.topic,
    key: letter.key && Buffer.from(letter.key.buffer),
    value: value ?? (letter.value && Buffer.from(letter.value.buffer)),
    headers: letter.headers.map(([name, binary]) => [name, Buffer.from(binary.buffer)]),
  };
}
