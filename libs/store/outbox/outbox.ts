/**
 * The outbox: what a transaction publishes, written in the same transaction, one document a batch.
 *
 * Documents sort by sequence. A batch takes a sequence above that of every order it reads, so that what is
 * published first of an order was decided first, without a counter that all batches would meet at.
 */

import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import type { OutboxDoc, OutboxLetter, PackedMessages } from '../documents/documents.js';
import { MAX_OUTBOX_BYTES } from './outbox-messages.js';

/** A dead letter as it will stand in its topic. */
export interface RawMessage {
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, Buffer][];
}

/** A larger value goes to GridFS. */
export const MAX_INLINE_LETTER_BYTES = 3_000_000;

/** Above `floor`, and near the clock, so that sequences of all processes grow alike. */
export function nextSequence(floor: number, now: number): number {
  return Math.max(now * 1_000, floor + 1);
}

/** One document a pack; dead letters go where there is room. */
export function outboxDocs(
  sequence: number,
  at: Date,
  packs: readonly PackedMessages[],
  letters: readonly OutboxLetter[],
  trace?: string,
): OutboxDoc[] {
  const unique = randomUUID().slice(0, 8);
  const docs: OutboxDoc[] = [];
  const add = (pack: PackedMessages): OutboxDoc => {
    const part = String(docs.length).padStart(3, '0');
    const doc: OutboxDoc = { _id: `${String(sequence).padStart(16, '0')}-${unique}-${part}`, at, ...pack };
    if (trace !== undefined) doc.trace = trace;
    docs.push(doc);
    return doc;
  };
  for (const pack of packs) add(pack);
  let doc = docs[docs.length - 1];
  let bytes = doc?.messages.position ?? 0;
  for (const letter of letters) {
    const size = sizeOfLetter(letter);
    bytes += size;
    if (!doc || bytes > MAX_OUTBOX_BYTES) {
      doc = add({ topics: [], count: 0, messages: new mongo.Binary() });
      bytes = size;
    }
    (doc.letters ??= []).push(letter);
  }
  return docs;
}

function sizeOfLetter({ key, value, headers }: OutboxLetter): number {
  let bytes = 1_000 + (key?.length() ?? 0) + (value?.length() ?? 0);
  for (const [name, header] of headers) bytes += name.length + header.length();
  return bytes;
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
