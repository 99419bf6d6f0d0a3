import type { ConsumedRecord } from '../records.js';

/** A record whose value is where it stood. */
export function recordAt(
  topic: string,
  offset: number,
  options: Partial<ConsumedRecord> = {},
): ConsumedRecord {
  return {
    topic,
    partition: 0,
    offset,
    timestamp: 1_000 + offset,
    key: Buffer.from('store'),
    value: Buffer.from(`${topic}/${offset}`),
    headers: [],
    ...options,
  };
}

/** So many in a row. */
export function recordsFrom(topic: string, first: number, count: number): ConsumedRecord[] {
  return Array.from({ length: count }, (_, at) => recordAt(topic, first + at));
}

export function places(records: readonly ConsumedRecord[]): string[] {
  return records.map(({ topic, offset }) => `${topic}/${offset}`);
}
