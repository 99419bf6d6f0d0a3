import type { OrderEvent } from '@holdfast/core';
import type { ConsumedRecord, Translated } from '@holdfast/messaging';
import { placed } from '../../libs/core/testing/events.js';
import { tracesOfMessages, tracesOfRecords } from './traces.js';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function recordWith(headers: ConsumedRecord['headers']): ConsumedRecord {
  return { topic: 'OrderPlaced', partition: 0, offset: 0, timestamp: 0, key: null, value: null, headers };
}

describe('traceparents', () => {
  it('of records are told, and kept with what their events cause', () => {
    const traced = placed([]);
    const plain = placed([]);
    const items: Translated<OrderEvent>[] = [
      { record: recordWith([['traceparent', Buffer.from(TRACE)]]), event: traced },
      { record: recordWith([['other', Buffer.from('x')]]), event: plain },
      { record: recordWith([['traceparent', null]]), poison: { errorClass: 'x', message: 'x' } },
    ];
    expect(tracesOfRecords(items)).toEqual([TRACE]);
    expect(traced.cause.trace).toBe(TRACE);
    expect(plain.cause).not.toHaveProperty('trace');
  });

  it('that are longer than any are not kept', () => {
    const event = placed([]);
    const headers = [['traceparent', Buffer.alloc(5_000, 'a')]] as const;
    expect(tracesOfRecords([{ record: recordWith(headers), event }])).toEqual([]);
    expect(event.cause).not.toHaveProperty('trace');
  });

  it('of messages are those that this worker has put last, once each', () => {
    const headers = [['ce_id', 'x'], ['traceparent', TRACE]] as const; // prettier-ignore
    const letter = [['traceparent', 'somebody’s'], ['dead-letter-topic', 't']] as const; // prettier-ignore
    const message = { topic: 't', key: null, value: null };
    expect(tracesOfMessages([{ ...message, headers }, { ...message, headers }, { ...message, headers: letter }, message])).toEqual([TRACE]); // prettier-ignore
  });
});
