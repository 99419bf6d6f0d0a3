/**
 * Encoded documents as a section of the driver's message. What is used of the driver beyond its public face is
 * `DocumentSequence`, its own way to put such a section into a message: were it gone, every batch would fail at once and say
 * so; and how it puts the sections of a message together.
 */

import type { mongo } from 'mongoose';
import { DocumentSequence, OpMsgRequest } from 'mongodb/lib/cmap/commands.js';
import { BsonWriter } from './bson-writer.js';

/** Writers whose section has been sent: the next one is written over it, in memory that is there already. */
const spare: BsonWriter[] = [];
/** As many as lanes apply at once, twice over: a section is made while another one is on its way. */
const MAX_SPARE = 16;
const MAX_SPARE_BYTES = 4 * 1024 * 1024;

export function sequenceOf(field: string, documents: readonly object[]): EncodedSequence {
  const writer = spare.pop() ?? new BsonWriter();
  return new EncodedSequence(field, writer, writer.encodeSection(field, documents));
}

/** The driver's own would put its head and the documents together, and so copy them once more. */
export class EncodedSequence extends DocumentSequence {
  #writer: BsonWriter | undefined;

  constructor(
    field: string,
    writer: BsonWriter,
    private readonly section: Buffer,
  ) {
    super(field);
    this.#writer = writer;
  }

  override toBin(): Uint8Array {
    if (!this.#writer) throw new Error(`${this.field} were sent before, and their bytes are others' by now`);
    return this.section;
  }

  /** The command is answered, or never will be; its bytes the driver had copied before it sent them. */
  letGo(): void {
    if (this.#writer && this.#writer.capacity <= MAX_SPARE_BYTES && spare.length < MAX_SPARE) {
      spare.push(this.#writer);
    }
    this.#writer = undefined;
  }
}

const driversOwn = OpMsgRequest.prototype.extractDocumentSequences;

/**
 * The driver copies a command's sections into one, also where there is only one, before it copies that into the message:
 * of a worker's buffers, which its garbage collector goes by, that was a third.
 */
OpMsgRequest.prototype.extractDocumentSequences = function (command: mongo.Document): Uint8Array {
  const sequences = Object.values(command).filter((value) => value instanceof DocumentSequence);
  const [only] = sequences;
  if (sequences.length !== 1 || !(only instanceof EncodedSequence)) return driversOwn.call(this, command);
  // As the driver does: the section stands beside the command's document, and is none of its fields.
  delete command[only.field];
  return only.toBin();
};
