/** What was sent against what the database knows: nothing lost, nothing made up, and no payment in time for nothing. */

import type { Database, OrderDoc, OrderFactDoc } from '@holdfast/store';
import type { SentOrder } from './shop-load.js';

/** One line for each difference. */
export async function unknownFacts(
  database: Database,
  sent: ReadonlyMap<string, SentOrder>,
): Promise<string[]> {
  const facts = new Map<string, OrderFactDoc[]>();
  for await (const fact of database.orderFacts.find()) {
    const order = fact._id.slice(0, fact._id.lastIndexOf('/'));
    const own = facts.get(order);
    if (own) own.push(fact);
    else facts.set(order, [fact]);
  }
  const differences: string[] = [];
  const found = new Set<string>();
  for await (const doc of database.orders.find()) {
    found.add(doc._id);
    const order = sent.get(doc._id);
    if (!order) differences.push(`${doc._id} was never sent`);
    else differences.push(...compare(doc, facts.get(doc._id) ?? [], order));
  }
  for (const id of sent.keys()) if (!found.has(id)) differences.push(`${id} is not known`);
  return differences;
}

function compare(doc: OrderDoc, facts: readonly OrderFactDoc[], order: SentOrder): string[] {
  const differences: string[] = [];
  const expect = (what: string, known: unknown, given: unknown): void => {
    if (known !== given)
      differences.push(`${doc._id}: ${what}: ${String(known)} known, ${String(given)} sent`);
  };
  const idsOf = (type: OrderFactDoc['fact'], field: 'paymentId' | 'refundId'): string =>
    facts
      .filter(({ fact }) => fact === type)
      .map((fact) => fact[field])
      .sort()
      .join(', ');
  expect('placed', doc.placed !== undefined, order.isPlaced);
  expect('rejected', facts.filter(({ fact }) => fact === 'rejected').length, order.rejected ? 1 : 0);
  expect('payments', idsOf('paid', 'paymentId'), [...order.payments.keys()].sort().join(', '));
  expect('refunds', idsOf('refunded', 'refundId'), [...order.refunds].sort().join(', '));
  const dueAt = doc.placed?.dueAt.getTime();
  const inTime = [...order.payments.values()].some((at) => dueAt !== undefined && at <= dueAt);
  if (inTime && facts.some(({ fact }) => fact === 'expired')) {
    differences.push(`${doc._id} has expired, though it was paid in time`);
  }
  return differences;
}
