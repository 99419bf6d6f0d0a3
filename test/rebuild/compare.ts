/** Two databases, document by document, but for what a rebuild cannot know. */

import type { Database, OrderDoc, OrderFactDoc } from '@holdfast/store';
import { toldFacts } from '../../libs/store/testing/told-facts.js';

const ORDERS_AT_ONCE = 2_000;

/**
 * What differs, the first of each kind; empty when nothing does. Not in the topics, and so not compared: when a fact
 * without an outcome was decided and which number it got (see told-facts.ts), who changed a key and how it was called.
 */
export async function differencesBetween(one: Database, other: Database, maxListed = 20): Promise<string[]> {
  const differences: string[] = [];
  const compare = async (
    name: string,
    read: (database: Database) => AsyncGenerator<string>,
  ): Promise<void> => {
    const [a, b] = [read(one), read(other)];
    let left = maxListed;
    while (left > 0) {
      const [should, is] = await Promise.all([a.next(), b.next()]);
      if (should.done && is.done) return;
      if (should.value === is.value) continue;
      differences.push(`${name}: is ${is.value ?? 'nothing'}\n  and should be ${should.value ?? 'nothing'}`);
      left -= 1;
    }
    await Promise.all([a.return(undefined), b.return(undefined)]);
  };
  await compare('orders', orders);
  // Facts of no order, too.
  await compare('orderFacts', countOfFacts);
  await compare('stock', (database) => documents(database, 'stock', []));
  await compare('stockChanges', (database) => documents(database, 'stockChanges', ['actor', 'reason', 'at']));
  return differences;
}

/** Of every order its head and its facts. */
async function* orders({ orders, orderFacts }: Database): AsyncGenerator<string> {
  let heads: OrderDoc[] = [];
  async function* withFacts(): AsyncGenerator<string> {
    const ids = heads.map(({ _id }) => _id);
    const facts = new Map<string, OrderFactDoc[]>(ids.map((id) => [id, []]));
    const numbers = heads.flatMap(({ _id, entries }) =>
      Array.from({ length: entries }, (_, at) => `${_id}/${at + 1}`),
    );
    for await (const fact of orderFacts.find({ _id: { $in: numbers } }, { batchSize: 5_000 })) {
      facts.get(fact._id.slice(0, fact._id.lastIndexOf('/')))?.push(fact);
    }
    for (const head of heads) {
      const { seq: _, placed: __, ...content } = head;
      yield jsonOf({ ...content, ...toldFacts(head, facts.get(head._id) ?? []) }, []);
    }
    heads = [];
  }
  for await (const head of orders.find({}, { sort: { _id: 1 }, batchSize: ORDERS_AT_ONCE })) {
    if (heads.push(head) >= ORDERS_AT_ONCE) yield* withFacts();
  }
  yield* withFacts();
}

async function* countOfFacts({ orderFacts }: Database): AsyncGenerator<string> {
  yield `${await orderFacts.countDocuments()} in all`;
}

/** In the order of their ids. */
async function* documents(
  { db }: Database,
  collection: string,
  without: readonly string[],
): AsyncGenerator<string> {
  const found = db.collection<{ _id: string }>(collection).find({}, { sort: { _id: 1 }, batchSize: 5_000 });
  for await (const doc of found) yield jsonOf(doc, without);
}

function jsonOf(doc: object, without: readonly string[]): string {
  return JSON.stringify(doc, (name, value: unknown) => {
    if (without.includes(name)) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
