import { incomingOf, type Identity } from './incoming.js';
import { Seen } from './seen.js';

const identity = (id: string): Identity => {
  const incoming = incomingOf('StockOutcome', Buffer.from(JSON.stringify({ outcomeId: id })));
  if (typeof incoming === 'string') throw new Error(incoming);
  return incoming.identity;
};

/** Which of the ids are handed on, in order. */
function firsts(seen: Seen, ids: string[]): string[] {
  return ids.filter((id) => {
    const known = seen.has(identity(id));
    if (!known) seen.add(identity(id));
    return !known;
  });
}

describe('Seen', () => {
  it('passes over a copy, at once or after later versions', () => {
    const ids = ['s/o/1/Held', 's/o/1/Held', 's/o/2/Sold', 's/o/1/Held', 's/o/2/Sold', 's/o/3/Released'];
    expect(firsts(new Seen(10), ids)).toEqual(['s/o/1/Held', 's/o/2/Sold', 's/o/3/Released']);
  });

  it('tells messages apart that share a version', () => {
    const ids = ['s/o/2/Released', 's/o/2/RefundRequired/p1', 's/o/2/RefundRequired/p2'];
    expect(firsts(new Seen(10), [...ids, ...ids])).toEqual(ids);
  });

  it('does not wait for versions that said nothing', () => {
    expect(firsts(new Seen(10), ['s/o/1/Held', 's/o/4/Sold'])).toEqual(['s/o/1/Held', 's/o/4/Sold']);
  });

  it('keeps orders of the same name in other stores apart, and changes by the merchant by their own ids', () => {
    const ids = [
      's/o/1/Held',
      't/o/1/Held',
      's/c/1/StockChanged',
      's/c/0/StockChanged',
      's/c/2/StockChanged',
    ];
    expect(firsts(new Seen(10), [...ids, ...ids])).toEqual(ids);
  });

  it('takes any other id for a message by itself', () => {
    const ids = ['x', 's/o/one/Held', 's/o/0/Held', 's/o/1'];
    expect(firsts(new Seen(10), [...ids, ...ids])).toEqual(ids);
  });

  it('forgets the order that was handled least lately, and never holds more than its limit', () => {
    const seen = new Seen(2);
    firsts(seen, ['s/a/1/Held', 's/b/1/Held', 's/a/2/Sold', 's/c/1/Held']);
    expect(seen.size).toBe(2);
    expect(['s/a/2/Sold', 's/b/1/Held', 's/c/1/Held'].map((id) => seen.has(identity(id)))).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('incomingOf', () => {
  it.each([
    [null, 'no value'],
    ['{', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['{"outcomeId":3}', 'no outcomeId'],
  ])('says why %s cannot be read', (value, reason) => {
    expect(incomingOf('StockOutcome', value === null ? null : Buffer.from(value))).toMatch(reason);
  });

  it('hands on fields and values that this version does not know', () => {
    const text = '{"notificationId":"s/o/3/order-delayed","template":"order-delayed","news":1}';
    expect(incomingOf('CustomerNotification', Buffer.from(text))).toEqual({
      message: JSON.parse(text) as unknown,
      identity: { id: 's/o/3/order-delayed', subject: 's/o', version: 3 },
    });
  });
});
