import { openingFrame, placeIn, placeText, resetFrame, stockFrame } from './event-frames.js';

describe('a frame of the stream', () => {
  it('names what moved in one line of data, whatever the ids hold', () => {
    const frame = stockFrame(
      { partition: 3, offset: 17 },
      {
        outcomeId: 's/c/0/StockChanged',
        outcome: 'StockChanged',
        storeId: 's',
        version: 1,
        occurredAt: '2026-12-01T09:00:00.000Z',
        cause: { topic: 'api', eventId: 'c' },
        deltas: [{ stockKey: 's/größe\u2028"x"/M/-', free: 1, held: 0, sold: 0, refunded: 0 }],
      },
    );
    const [event, id, data, ...rest] = frame.split('\n');
    expect([event, id, rest]).toEqual(['event: stock', 'id: 3-17', ['', '']]);
    expect(JSON.parse((data as string).slice('data: '.length))).toEqual({
      at: '2026-12-01T09:00:00.000Z',
      outcome: 'StockChanged',
      cause: { topic: 'api', eventId: 'c' },
      deltas: [{ stockKey: 's/größe\u2028"x"/M/-', productId: 'größe\u2028"x"', variantId: 'M', date: null }],
    });
  });

  it('says reset with where the reader stands, when that is known', () => {
    expect(resetFrame({ partition: 0, offset: -1 })).toBe('event: reset\nid: 0--1\ndata: {}\n\n');
    expect(resetFrame(undefined)).toBe('event: reset\ndata: {}\n\n');
    expect(openingFrame({ partition: 0, offset: 4 }, 1_000)).toBe('retry: 1000\nid: 0-4\n\n');
  });

  it('has an id that reads back, and takes no other text for one', () => {
    for (const place of [
      { partition: 0, offset: -1 },
      { partition: 11, offset: 123_456_789_012 },
    ]) {
      expect(placeIn(placeText(place))).toEqual(place);
    }
    for (const text of ['', 'x', '1', '1-', '-1', '1-2-3', '1--2', '1e3-2', ' 1-2', '99999999-1']) {
      expect(placeIn(text)).toBeUndefined();
    }
  });
});
