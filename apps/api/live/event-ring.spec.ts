import { EventRing, type LiveEvent } from './event-ring.js';

function event(offset: number, storeId = 's', partition = 0): LiveEvent {
  return { partition, offset, storeId, frame: 'x'.repeat(10) };
}

const offsets = (events: LiveEvent[]): number[] => events.map(({ offset }) => offset);

describe('EventRing', () => {
  it("gives a store's events behind an offset, in order", () => {
    const ring = new EventRing(100, 10_000);
    for (const [offset, store] of [
      [0, 's'],
      [1, 't'],
      [2, 's'],
      [5, 's'],
    ] as const)
      ring.add(event(offset, store));
    expect(offsets(ring.after('s', 0, -1))).toEqual([0, 2, 5]);
    expect(offsets(ring.after('s', 0, 2))).toEqual([5]);
    expect(ring.after('s', 1, -1)).toEqual([]);
  });

  it('drops the oldest when there are too many, and knows from where on it is whole', () => {
    const ring = new EventRing(3, 10_000);
    for (let offset = 10; offset < 20; offset++) ring.add(event(offset, 's', offset % 2));
    expect(offsets([...ring.after('s', 0, 0), ...ring.after('s', 1, 0)]).sort()).toEqual([17, 18, 19]);
    expect(ring.covers(0, 16)).toBe(false);
    expect(ring.covers(0, 17)).toBe(true);
    expect(ring.covers(1, 15)).toBe(false);
    expect(ring.covers(1, 16)).toBe(true);
    expect(ring.covers(2, 0)).toBe(true);
  });

  it('drops the oldest when they are too large together, but never the newest', () => {
    const ring = new EventRing(100, 25);
    for (let offset = 0; offset < 5; offset++) ring.add(event(offset));
    expect(offsets(ring.after('s', 0, -1))).toEqual([3, 4]);
    ring.add({ ...event(5), frame: 'x'.repeat(1_000) });
    expect(offsets(ring.after('s', 0, -1))).toEqual([5]);
  });

  it('stays within its bounds over any number of events', () => {
    const ring = new EventRing(50, 10_000);
    for (let offset = 0; offset < 20_000; offset++) ring.add(event(offset));
    expect(ring.size).toBe(50);
    expect(offsets(ring.after('s', 0, 19_997))).toEqual([19_998, 19_999]);
    ring.clear();
    expect(ring.after('s', 0, -1)).toEqual([]);
    expect(ring.covers(0, 0)).toBe(true);
  });
});
