import type { MessageHandler } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import { checkHandlers, translator } from './handlers.js';
import { recordAt } from '../testing/records.js';
import type { ConsumedRecord } from '../records.js';

function handler(handle: (records: ConsumedRecord[]) => unknown = () => []): MessageHandler {
  const marked: MessageHandler = (records: ConsumedRecord[]) => Promise.resolve(handle(records));
  marked.isEventHandler = true;
  return marked;
}

const echo = (records: ConsumedRecord[]) => records.map((record) => ({ record, event: record.offset }));

describe('checkHandlers', () => {
  it('is content with exactly one handler a topic', () => {
    expect(() => checkHandlers(['placed', 'paid'], new Map([['placed', handler()], ['paid', handler()]]))).not.toThrow(); // prettier-ignore
  });

  it('names every topic without a handler, with two, and every handler without a topic', () => {
    const twice = handler();
    twice.next = handler();
    const handlers = new Map([
      ['paid', twice],
      ['other', handler()],
    ]);
    expect(() => checkHandlers(['placed', 'paid'], handlers)).toThrow(
      /placed has no handler.*paid has more than one.*topic other, which is not consumed/,
    );
  });
});

describe('translator', () => {
  it('calls each handler once and puts the items back in order', async () => {
    const calls: string[] = [];
    const of = (name: string) =>
      handler((records) => {
        calls.push(`${name} ${records.length}`);
        return echo(records);
      });
    const translate = translator<number>(['placed', 'paid'], 'p-', new Map([['placed', of('placed')], ['paid', of('paid')]])); // prettier-ignore
    const items = await translate([recordAt('p-placed', 1), recordAt('p-paid', 2), recordAt('p-placed', 3)]);
    expect(calls).toEqual(['placed 2', 'paid 1']);
    expect(items.map((item) => 'event' in item && item.event)).toEqual([1, 2, 3]);
  });

  it.each([
    ['loses an item', handler(() => [])],
    ['fails, as Nest tells it', handler(() => throwError(() => ({ status: 'error' })))],
  ])('rejects when a handler %s', async (_, failing) => {
    const translate = translator<number>(['placed'], '', new Map([['placed', failing]]));
    await expect(translate([recordAt('placed', 1)])).rejects.toThrow(/handler of placed/);
  });
});
