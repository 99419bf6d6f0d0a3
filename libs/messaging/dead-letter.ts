/** A record that can never be applied, as it goes to its dead-letter topic: byte for byte, and why. */

import type { ConsumedRecord } from './record.js';

export interface DeadLetter {
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, Buffer][];
}

export interface Failure {
  /** kebab-case class of the fault */
  errorClass: string;
  /** for people; without what the record says of customers */
  message: string;
  attempts: number;
  group: string;
  /** epoch ms */
  failedAt: number;
}

const MAX_MESSAGE_LENGTH = 500;

export function deadLetterOf(record: ConsumedRecord, failure: Failure): DeadLetter {
  const told: [string, string][] = [
    ['dead-letter-topic', record.topic],
    ['dead-letter-partition', String(record.partition)],
    ['dead-letter-offset', String(record.offset)],
    ['dead-letter-timestamp', String(record.timestamp)],
    ['dead-letter-group', failure.group],
    ['dead-letter-error', failure.errorClass],
    ['dead-letter-message', failure.message.slice(0, MAX_MESSAGE_LENGTH)],
    ['dead-letter-attempts', String(failure.attempts)],
    ['dead-letter-failed-at', new Date(failure.failedAt).toISOString()],
  ];
  return {
    topic: `${record.topic}.dlq`,
    key: record.key,
    value: record.value,
    headers: [
      ...original(record),
      ...told.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    ],
  };
}

/** Headers given more than once stay so, in their order. */
function original({ headers }: ConsumedRecord): [string, Buffer][] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((one): [string, Buffer] => [name, Buffer.isBuffer(one) ? one : Buffer.from(one ?? '')]);
  });
}
