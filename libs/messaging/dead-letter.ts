/** The dead letter of a record: what it was, byte for byte, and in text headers where from and why. */

import type { ConsumedRecord, Poison } from './records.js';

export interface DeadLetter {
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  /** the record's own in their order, repeated names included, then ours; null values become empty ones */
  headers: [string, Buffer][];
}

export interface Failure extends Poison {
  /** how often the record was tried */
  attempts: number;
  /** consumer group that gave it up */
  group: string;
  /** epoch ms */
  failedAt: number;
}

const MAX_MESSAGE_BYTES = 500;
/** A letter that comes back and dies again says where it died last, not twice. */
const OWN_HEADERS = new Set(
  ['topic', 'partition', 'offset', 'timestamp', 'group', 'error', 'message', 'attempts', 'failed-at'].map(
    (name) => `dead-letter-${name}`,
  ),
);

export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

export function deadLetterOf(record: ConsumedRecord, failure: Failure): DeadLetter {
  const headers: [string, Buffer][] = [];
  for (const [name, value] of record.headers) {
    if (!OWN_HEADERS.has(name)) headers.push([name, value ?? Buffer.alloc(0)]);
  }
  const add = (name: string, value: string | number): void => {
    headers.push([`dead-letter-${name}`, Buffer.from(String(value))]);
  };
  add('topic', record.topic);
  add('partition', record.partition);
  add('offset', record.offset);
  add('timestamp', record.timestamp);
  add('group', failure.group);
  add('error', failure.errorClass);
  headers.push(['dead-letter-message', cut(failure.message, MAX_MESSAGE_BYTES)]);
  add('attempts', failure.attempts);
  add('failed-at', new Date(failure.failedAt).toISOString());
  return { topic: deadLetterTopic(record.topic), key: record.key, value: record.value, headers };
}

/** At most so many bytes, without half a character. */
function cut(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
