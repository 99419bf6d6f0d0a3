/** Records that nobody can read, in the ways in which they come in real life. */

import type { ConsumedTopic } from '@holdfast/contracts';
import { timeText, type TrafficRecord } from './record.js';
import { BAKERY } from './shops.js';

interface Sane {
  eventId: string;
  occurredAt: string;
  storeId: string;
  orderId: string;
}

type Spoil = (sane: Sane) => string | Buffer | null;

/** Wrong for every topic. */
const WAYS: Readonly<Record<string, Spoil>> = {
  'cut-off': (sane) => JSON.stringify(sane).slice(0, -9),
  'no-value': () => null,
  'not-utf8': () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  'a-list': (sane) => JSON.stringify([sane]),
  'no-order-id': ({ orderId: _, ...rest }) => JSON.stringify(rest),
  'no-such-time': (sane) => JSON.stringify({ ...sane, occurredAt: '2026-02-30T25:00:00Z' }),
  'slash-in-id': (sane) => JSON.stringify({ ...sane, orderId: 'a/b' }),
};

export const WAYS_TO_BE_MALFORMED = Object.keys(WAYS);

/** @param nth names it; each next one is wrong in another way */
export function malformedRecord(topic: ConsumedTopic, nth: number, sendAt: number): TrafficRecord {
  const way = WAYS_TO_BE_MALFORMED[nth % WAYS_TO_BE_MALFORMED.length] as string;
  const name = `malformed-${topic}-${nth}`;
  const sane = { eventId: name, occurredAt: timeText(sendAt), storeId: BAKERY, orderId: name };
  const spoil = WAYS[way] as Spoil;
  return { name, sendAt, topic, key: BAKERY, value: spoil(sane), malformed: way };
}
