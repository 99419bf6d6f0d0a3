/** The dead letter of a record: what it was, byte for byte, and in text headers where from and why. */

import type { ConsumedRecord, Poison } from '../records.js';

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
/**
 * Of a record's key, and of its own headers: a topic takes 1 MiB of what comes as it is, so that only a record that
 * came compressed has more. A letter that nobody could write down would stop its lane.
 */
const MAX_KEPT_BYTES = 900_000;
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
  const { headers, leftOut } = keptHeaders(record);
  const isKeyKept = (record.key?.length ?? 0) <= MAX_KEPT_BYTES;
  const without = [isKeyKept ? [] : 'its key', leftOut === 0 ? [] : `${leftOut} of its headers`].flat();
  const note = without.length > 0 ? ` Too large to be kept, and left out: ${without.join(' and ')}.` : '';
  const add = (name: string, value: string | number): void => {
    headers.push([`dead-letter-${name}`, Buffer.from(String(value))]);
  };
  add('topic', record.topic);
  add('partition', record.partition);
  add('offset', record.offset);
  add('timestamp', record.timestamp);
  add('group', failure.group);
  add('error', failure.errorClass);
  headers.push([
    'dead-letter-message',
    Buffer.concat([cut(failure.message, MAX_MESSAGE_BYTES - note.length), Buffer.from(note)]),
  ]);
  add('attempts', failure.attempts);
  add('failed-at', new Date(failure.failedAt).toISOString());
  const key = isKeyKept ? record.key : null;
  return { topic: deadLetterTopic(record.topic), key, value: record.value, headers };
}

/** In their order, as long as they fit. */
function keptHeaders(record: ConsumedRecord): { headers: [string, Buffer][]; leftOut: number } {
  const headers: [string, Buffer][] = [];
  let bytes = 0;
  let leftOut = 0;
  for (const [name, value] of record.headers) {
    if (OWN_HEADERS.has(name)) continue;
    const own = value ?? Buffer.alloc(0);
    const size = Buffer.byteLength(name) + own.length;
    if (bytes + size > MAX_KEPT_BYTES) {
      leftOut += 1;
      continue;
    }
    bytes += size;
    headers.push([name, own]);
  }
  return { headers, leftOut };
}

/** At most so many bytes, without half a character. */
function cut(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
