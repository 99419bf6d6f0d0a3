/**
 * Messages of an outbox document as one binary. As thousands of small documents they would cost more to write and
 * to read back than all the rest of a batch; packed, they are copied.
 *
 * Each message: u8 topic (its place in the document's `topics`), then key, id and value, each with its u32 length,
 * big endian, in UTF-8. Where they are many they are compressed: outcomes are much alike, and what the database writes of them, to
 * its collection, oplog and journal, is an eighth then.
 */

import { Utf8Writer, type UnwrittenMessage } from '@holdfast/contracts';
import lz4 from 'lz4-napi';
import { mongo } from 'mongoose';
import type { PackedMessages } from '../documents/documents.js';

export interface OutboxMessage {
  topic: string;
  key: string;
  /** the same as in the value: outcomeId, eventId or notificationId */
  id: string;
  /** JSON */
  value: string;
}

/** One that puts its value into the pack itself, and perhaps again into the next. */
type Unwritten = Omit<OutboxMessage, 'value'> & Pick<UnwrittenMessage, 'writeValue'>;

/** A message as it is sent: nothing of it but its key needs to be text. */
export interface RawOutboxMessage {
  topic: string;
  key: string;
  id: Buffer;
  value: Buffer;
}

/** A document stays this far below MongoDB's 16 MB. */
export const MAX_OUTBOX_BYTES = 4_000_000;
/** What one packer has filled the next one fills again: packs are copies, and no larger than they must be. */
let spare: Buffer = Buffer.alloc(0);
/** of a length */
const U32_BYTES = 4;
/** Of fewer bytes there is nothing to gain. */
const COMPRESSED_FROM_BYTES = 16 * 1024;

/** Fills packs of at most `maxBytes`, a larger message having one to itself. */
export class MessagePacker {
  readonly #packs: PackedMessages[] = [];
  readonly #out = new Utf8Writer(spare);
  #topics: string[] = [];
  #count = 0;

  constructor(private readonly maxBytes = MAX_OUTBOX_BYTES) {
    spare = Buffer.alloc(0);
  }

  push(message: OutboxMessage | Unwritten): void {
    const start = this.#out.end;
    this.#write(message);
    if (this.#out.end <= this.maxBytes || start === 0) return;
    this.#out.end = start;
    this.#count -= 1;
    this.#close();
    this.push(message);
  }

  /** All of them; nothing may be pushed afterwards. */
  packs(): PackedMessages[] {
    this.#close();
    if (this.#out.bytes.length > spare.length) spare = this.#out.bytes;
    this.#out.bytes = Buffer.alloc(0);
    return this.#packs;
  }

  #write(message: OutboxMessage | Unwritten): void {
    let place = this.#topics.indexOf(message.topic);
    if (place < 0) place = this.#topics.push(message.topic) - 1;
    this.#out.reserve(1);
    this.#out.bytes[this.#out.end++] = place;
    this.#text(message.key);
    this.#text(message.id);
    if ('value' in message) {
      this.#text(message.value);
    } else {
      const from = this.#openLength();
      message.writeValue(this.#out);
      this.#closeLength(from);
    }
    this.#count += 1;
  }

  #text(text: string): void {
    const from = this.#openLength();
    this.#out.text(text);
    this.#closeLength(from);
  }

  #openLength(): number {
    this.#out.reserve(U32_BYTES);
    return (this.#out.end += U32_BYTES);
  }

  #closeLength(from: number): void {
    const { bytes, end } = this.#out;
    bytes.writeUInt32BE(end - from, from - U32_BYTES);
  }

  #close(): void {
    if (this.#count === 0) return;
    const bytes = this.#out.bytes.subarray(0, this.#out.end);
    const pack = { topics: this.#topics, count: this.#count };
    this.#packs.push(
      bytes.length < COMPRESSED_FROM_BYTES
        ? { ...pack, messages: new mongo.Binary(Buffer.from(bytes)) }
        : { ...pack, encoding: 'lz4', messages: new mongo.Binary(lz4.compressSync(bytes)) },
    );
    this.#out.end = 0;
    this.#topics = [];
    this.#count = 0;
  }
}

export function packed(messages: readonly OutboxMessage[], maxBytes = MAX_OUTBOX_BYTES): PackedMessages[] {
  const packer = new MessagePacker(maxBytes);
  for (const message of messages) packer.push(message);
  return packer.packs();
}

/** In order. The buffers are views of one, which may be the document's own. */
export function unpacked({ topics, count, encoding, messages }: PackedMessages): RawOutboxMessage[] {
  const stored = Buffer.from(messages.buffer.buffer, messages.buffer.byteOffset, messages.position);
  const bytes = encoding === 'lz4' ? lz4.uncompressSync(stored) : stored;
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
