/** kafkajs's messages to records. */

import type { KafkaMessage } from 'kafkajs';
import type { ConsumedRecord, KafkaHeaders } from './records.js';

const NO_HEADERS: KafkaHeaders = [];

/** The record as everyone else sees it: numbers for offset and time, headers as a list. */
export function recordOf(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: message.headers === undefined ? NO_HEADERS : headersOf(message.headers),
  };
}

/** kafkajs keeps the values of a repeated name together, at the place of the first. */
function headersOf(headers: NonNullable<KafkaMessage['headers']>): KafkaHeaders {
  const names = Object.keys(headers);
  if (names.length === 0) return NO_HEADERS;
  const list: [string, Buffer | null][] = [];
  for (const name of names) {
    const value = headers[name] as Buffer | (Buffer | null)[] | null;
    if (Array.isArray(value)) for (const one of value) list.push([name, one]);
    else list.push([name, value]);
  }
  return list;
}
