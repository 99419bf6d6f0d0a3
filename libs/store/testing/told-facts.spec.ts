import type { OrderDoc, OrderFactDoc, PlacedDoc } from '../documents/documents.js';
import { toldFacts, type ToldFacts } from './told-facts.js';

const at = new Date(0);

type Word = 'placed' | 'paid' | 'paid again' | 'refunded' | 'rejected';
const TOPICS: Record<Word, [topic: string, offset: number]> = {
  placed: ['OrderPlaced', 0],
  paid: ['PaymentReceived', 0],
  'paid again': ['PaymentReceived', 1],
  refunded: ['OrderRefunded', 0],
  rejected: ['OrderRejected', 0],
};

/** @param came what came, as it came; what moved something has a star */
function told(...came: (Word | `${Word}*`)[]): ToldFacts {
  const doc: OrderDoc = { _id: 's/o', storeId: 's', state: 'paid', version: 1, entries: came.length, seq: 0 };
  const facts: OrderFactDoc[] = [];
  let version = 0;
  for (const [place, word] of came.entries()) {
    const name = word.replace('*', '') as Word;
    const [topic, offset] = TOPICS[name];
    const cause = { topic, eventId: name, partition: 3, offset };
    const moved = word.endsWith('*') ? { version: ++version } : {};
    if (name === 'placed') {
      doc.placed = {
        entry: place + 1,
        at,
        occurredAt: at,
        dueAt: at,
        cause,
        lines: [],
        ...moved,
      } as PlacedDoc;
      continue;
    }
    const fact = name === 'paid again' ? 'paid' : name;
    const payment = fact === 'paid' ? { paymentId: name } : {};
    facts.push({ _id: `s/o/${place + 1}`, fact, at, cause, ...payment, ...moved });
  }
  return toldFacts(doc, facts);
}

describe('the order of facts that the topics tell', () => {
  it('says nothing of where a fact of another topic came that moved nothing', () => {
    expect(told('refunded', 'placed*', 'paid')).toEqual(told('refunded', 'paid', 'placed*'));
    expect(told('paid', 'refunded', 'placed*')).toEqual(told('refunded', 'paid', 'placed*'));
  });

  it.each<[string, ToldFacts, ToldFacts]>([
    ['what moved something', told('placed*', 'rejected*'), told('rejected*', 'placed*')],
    [
      'which payment was the first',
      told('paid', 'paid again', 'placed*'),
      told('paid again', 'paid', 'placed*'),
    ],
    ['whether a fact moved something', told('paid', 'placed*'), told('placed*', 'paid*')],
    ['whether a fact is there', told('paid', 'placed*'), told('placed*')],
  ])('says %s', (_name, one, other) => {
    expect(one).not.toEqual(other);
  });

  it('has numbers from one on, each once', () => {
    expect(told('paid', 'placed*')).toMatchObject({ misnumbered: 0 });
    const doc = { _id: 's/o', entries: 2 } as OrderDoc;
    const fact = { fact: 'rejected', at, cause: { topic: 'OrderRejected', eventId: 'e' } } as OrderFactDoc;
    expect(toldFacts(doc, [{ ...fact, _id: 's/o/2' }])).toMatchObject({ misnumbered: 2 });
  });
});
