/**
 * Reads the answer to a Fetch request (version 11, which every broker since Kafka 2.3 speaks) without kafkajs's
 * limit: it hands all records of a batch to one call as arguments, and some 120,000 of them overflow the stack.
 * A producer that compresses tiny records makes such batches, and the error ends the consumer for good, at every
 * start again. Otherwise the same; relies on the pinned version's files, and on its decoders for what is compressed.
 */

import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeMessageSet from 'kafkajs/src/protocol/messageSet/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import response from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { endOfBatch, isPlain, readPlainBatch } from './plain-batch.js';
import { MAGIC, MAGIC_AT } from './record-batch-layout.js';

response.decode = decode;

async function decode(bytes: Buffer): Promise<unknown> {
  const decoder = new Decoder(bytes);
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  const sessionId = decoder.readInt32();
  const responses = await decoder.readArrayAsync(decodeTopic);
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function decodeTopic(decoder: Decoder): Promise<unknown> {
  return { topicName: decoder.readString(), partitions: await decoder.readArrayAsync(decodePartition) };
}

async function decodePartition(decoder: Decoder): Promise<unknown> {
  return {
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
    abortedTransactions: decoder.readArray((aborted) => ({
      producerId: aborted.readInt64().toString(),
      firstOffset: aborted.readInt64().toString(),
    })),
    preferredReadReplica: decoder.readInt32(),
    messages: await decodeRecords(decoder),
  };
}

async function decodeRecords(decoder: Decoder): Promise<unknown[]> {
  const size = decoder.readInt32();
  if (size <= 0 || !decoder.canReadBytes(size)) return [];
  const bytes = decoder.readBytes(size);
  if (bytes.readInt8(MAGIC_AT) !== MAGIC) return decodeMessageSet(new Decoder(bytes), size);
  const records: unknown[] = [];
  // The last batch of an answer may be cut off: it comes again with the next one.
  for (let at = 0, end = endOfBatch(bytes, at); end !== undefined; at = end, end = endOfBatch(bytes, at)) {
    const batch = isPlain(bytes, at)
      ? readPlainBatch(bytes, at)
      : (await decodeRecordBatch(new Decoder(bytes.subarray(at, end)))).records;
    for (const record of batch) records.push(record);
  }
  return records;
}
