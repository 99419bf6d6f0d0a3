/**
 * Messages of an outbox document as one binary. As thousands of small documents they would cost more to write and
 * to read back than all the rest of a batch; packed, they are copied.
 *
 * Each message: u8 topic (its place in the document's `topics`), then key, id and value, each with its u32 length,
 * big endian, in UTF-8.
 */

import { mongo } from 'mongoose';
import { putText } from './wire/put-text.js';

export interface OutboxMessage {
  topic: string;
  key: string;
  /** the same as in the value: outcomeId, eventId or notificationId */
  id: string;
  /** JSON */
  value: string;
}

/** What goes into one outbox document. */
export interface PackedMessages {
  topics: string[];
  count: number;
  messages: mongo.Binary;
}

/** A message as it is sent: nothing of it but its key needs to be text. */
export interface RawOutboxMessage {
  topic: string;
  key: string;
  id: Buffer;
  value: Buffer;
}

/** A document stays this far below MongoDB's 16 MB. */
export const MAX_OUTBOX_BYTES = 4_000_000;
const FIRST_CAPACITY = 64 * 1024;
/** What one packer has filled the next one fills again: packs are copies, and no larger than they must be. */
let spare = Buffer.alloc(0);
/** u8 and three u32 */
const OVERHEAD_BYTES = 13;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const MOST_BYTES = 3;

/** Fills packs of at most `maxBytes`, a larger message having one to itself. */
export class MessagePacker {
  readonly #packs: PackedMessages[] = [];
  #bytes = Buffer.alloc(0);
  #end = 0;
  #topics: string[] = [];
  #count = 0;

  constructor(private readonly maxBytes = MAX_OUTBOX_BYTES) {}

  push({ topic, key, id, value }: OutboxMessage): void {
    const most = OVERHEAD_BYTES + (key.length + id.length + value.length) * MOST_BYTES;
    if (this.#end + most > this.#bytes.length) this.#grow(most);
    const start = this.#end;
    this.#write(topic, key, id, value);
    if (this.#end <= this.maxBytes || start === 0) return;
    this.#end = start;
    this.#count -= 1;
    this.#close();
    this.push({ topic, key, id, value });
  }

  /** All of them; nothing may be pushed afterwards. */
  packs(): PackedMessages[] {
    this.#close();
    if (this.#bytes.length > spare.length) spare = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return this.#packs;
  }

  #write(topic: string, key: string, id: string, value: string): void {
    let place = this.#topics.indexOf(topic);
    if (place < 0) place = this.#topics.push(topic) - 1;
    this.#bytes[this.#end++] = place;
    this.#text(key);
    this.#text(id);
    this.#text(value);
    this.#count += 1;
  }

  #text(text: string): void {
    const from = this.#end + 4;
    const end = putText(this.#bytes, from, text);
    this.#bytes.writeUInt32BE(end - from, this.#end);
    this.#end = end;
  }

  #grow(needed: number): void {
    if (this.#bytes.length === 0 && needed <= spare.length) {
      this.#bytes = spare;
      spare = Buffer.alloc(0);
      return;
    }
    const capacity = Math.max(FIRST_CAPACITY, 2 * this.#bytes.length, this.#end + needed);
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }

  #close(): void {
    if (this.#count === 0) return;
    const messages = new mongo.Binary(Buffer.from(this.#bytes.subarray(0, this.#end)));
    this.#packs.push({ topics: this.#topics, count: this.#count, messages });
    this.#end = 0;
    this.#topics = [];
    this.#count = 0;
  }
}

export function packed(messages: readonly OutboxMessage[], maxBytes = MAX_OUTBOX_BYTES): PackedMessages[] {
  const packer = new MessagePacker(maxBytes);
  for (const message of messages) packer.push(message);
  return packer.packs();
}

/** In order. The buffers are views of the document's own. */
export function unpacked({ topics, count, messages }: PackedMessages): RawOutboxMessage[] {
  const bytes = Buffer.from(messages.buffer.buffer, messages.buffer.byteOffset, messages.position);
  const all = new Array<RawOutboxMessage>(count);
  let at = 0;
  const field = (): Buffer => {
    const from = at + 4;
    at = from + bytes.readUInt32BE(at);
    return bytes.subarray(from, at);
  };
  let keyBytes: Buffer | undefined;
  let key = '';
  for (let index = 0; index < count; index++) {
    const topic = topics[bytes[at++] as number] as string;
    const own = field();
    // Neighbours are often of one store.
    if (keyBytes === undefined || !own.equals(keyBytes)) key = own.toString();
    keyBytes = own;
    all[index] = { topic, key, id: field(), value: field() };
  }
  return all;
}
