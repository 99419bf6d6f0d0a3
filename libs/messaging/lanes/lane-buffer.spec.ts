import { LaneBuffer } from './lane-buffer.js';
import { places, recordAt, recordsFrom } from '../testing/records.js';

const NO_LIMITS = { maxRecords: 1_000, maxBytes: 1_000_000 };

describe('LaneBuffer', () => {
  it("merges the topics by the broker's time", () => {
    const buffer = new LaneBuffer(['placed', 'paid']);
    buffer.add('paid', [recordAt('paid', 0, { timestamp: 15 }), recordAt('paid', 1, { timestamp: 30 })], 2);
    buffer.add(
      'placed',
      [recordAt('placed', 7, { timestamp: 10 }), recordAt('placed', 8, { timestamp: 20 })],
      9,
    );
    const { records, positions } = buffer.take(NO_LIMITS);
    expect(places(records)).toEqual(['placed/7', 'paid/0', 'placed/8', 'paid/1']);
    expect([...positions]).toEqual([
      ['placed', { nextOffset: 9, timestamp: 20 }],
      ['paid', { nextOffset: 2, timestamp: 30 }],
    ]);
    expect(buffer).toMatchObject({ isEmpty: true, records: 0, bytes: 0 });
  });

  it('takes the first topic first where times are equal', () => {
    const buffer = new LaneBuffer(['placed', 'paid']);
    buffer.add('paid', [recordAt('paid', 0, { timestamp: 10 })], 1);
    buffer.add(
      'placed',
      [recordAt('placed', 0, { timestamp: 10 }), recordAt('placed', 1, { timestamp: 10 })],
      2,
    );
    expect(places(buffer.take(NO_LIMITS).records)).toEqual(['placed/0', 'placed/1', 'paid/0']);
  });

  it('never reorders a topic, also when its time runs backwards', () => {
    const buffer = new LaneBuffer(['placed', 'paid']);
    buffer.add(
      'placed',
      [recordAt('placed', 0, { timestamp: 50 }), recordAt('placed', 1, { timestamp: 10 })],
      2,
    );
    buffer.add('paid', [recordAt('paid', 0, { timestamp: 20 })], 1);
    expect(places(buffer.take(NO_LIMITS).records)).toEqual(['paid/0', 'placed/0', 'placed/1']);
  });

  it('ends a batch at so many records, and goes on with the next one', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add('placed', recordsFrom('placed', 0, 5), 5);
    const first = buffer.take({ ...NO_LIMITS, maxRecords: 3 });
    expect(places(first.records)).toEqual(['placed/0', 'placed/1', 'placed/2']);
    expect(first.positions.get('placed')?.nextOffset).toBe(3);
    expect(buffer.records).toBe(2);
    expect(places(buffer.take(NO_LIMITS).records)).toEqual(['placed/3', 'placed/4']);
  });

  it('ends a batch before the record that would be too much', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add(
      'placed',
      [100, 100, 100].map((size, at) => recordAt('placed', at, { key: null, value: Buffer.alloc(size) })),
      3,
    );
    expect(buffer.take({ ...NO_LIMITS, maxBytes: 250 }).records).toHaveLength(2);
    expect(buffer.bytes).toBe(100);
  });

  it('takes a record that is larger than any batch by itself', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add(
      'placed',
      [10, 5_000, 10].map((size, at) => recordAt('placed', at, { key: null, value: Buffer.alloc(size) })),
      3,
    );
    const sizes = [1, 2, 3].map(() => buffer.take({ ...NO_LIMITS, maxBytes: 100 }).records.length);
    expect(sizes).toEqual([1, 1, 1]);
  });

  it('passes control records behind the last record', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add('placed', recordsFrom('placed', 0, 2), 3);
    expect(buffer.take(NO_LIMITS).positions.get('placed')?.nextOffset).toBe(3);
  });

  it('says the position before control records while a record in front of them is left', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add('placed', recordsFrom('placed', 0, 2), 3);
    expect(buffer.take({ ...NO_LIMITS, maxRecords: 1 }).positions.get('placed')?.nextOffset).toBe(1);
  });

  it('passes control records alone, with the time of the last record before them', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add('placed', [recordAt('placed', 0, { timestamp: 77 })], 1);
    buffer.take(NO_LIMITS);
    buffer.add('placed', [], 2);
    expect(buffer.isEmpty).toBe(false);
    const { records, positions } = buffer.take(NO_LIMITS);
    expect(records).toEqual([]);
    expect(positions.get('placed')).toEqual({ nextOffset: 2, timestamp: 77 });
    expect(buffer.isEmpty).toBe(true);
  });

  it('counts control records that follow records not taken yet to those', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add('placed', recordsFrom('placed', 0, 1), 1);
    buffer.add('placed', [], 4);
    expect(buffer.take(NO_LIMITS).positions.get('placed')?.nextOffset).toBe(4);
  });

  it('forgets everything when cleared', () => {
    const buffer = new LaneBuffer(['placed']);
    buffer.add('placed', recordsFrom('placed', 0, 3), 3);
    buffer.take({ ...NO_LIMITS, maxRecords: 1 });
    buffer.clear();
    expect(buffer).toMatchObject({ isEmpty: true, records: 0, bytes: 0 });
    buffer.add('placed', recordsFrom('placed', 0, 1), 1);
    expect(places(buffer.take(NO_LIMITS).records)).toEqual(['placed/0']);
  });
});
