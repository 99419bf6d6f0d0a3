/** The end of the run: everything published has been read, and the audits say whether it adds up. */

import { CONSUMED_TOPICS, deadLetterTopicOf, PUBLISHED_TOPICS } from '@holdfast/contracts';
import {
  audit,
  expectedOutcomes,
  type Database,
  type LedgerReport,
  type OrderFactDoc,
} from '@holdfast/store';
import { SNEAKER_KEY } from '../traffic/shops.js';
import { differencesIn, type Evidence } from '../verdict.js';
import type { Observer } from './observer.js';
import type { Played } from './scenario.js';
import type { World } from './world.js';

const READ_WITHIN_MS = 30_000;

export interface Ending {
  evidence: Evidence;
  /** one line each; none when everything adds up */
  differences: string[];
  /** orders whose payment, rejection or refund was there before they were */
  overtaken: number;
}

export async function endingOf(world: World, observer: Observer, played: Played): Promise<Ending> {
  const { database } = world;
  const leftOver = [...played.leftOver];
  if (!(await everythingRead(world, observer))) leftOver.push('not everything on Kafka was read');
  const [overtaken, auditReport, sneakers] = await Promise.all([
    database.orders.countDocuments({ 'placed.entry': { $gt: 1 } }),
    audit(database, { unpublishedAfterMs: 0, overdueAfterMs: 0 }),
    database.stock.findOne({ _id: SNEAKER_KEY }),
  ]);
  const evidence: Evidence = {
    ...played,
    leftOver,
    tally: observer.tally,
    flash: observer.flash.findings,
    sneakers: sneakers ?? undefined,
    audit: auditReport,
    ledger: await ledgerReport(database, observer),
  };
  return { evidence, differences: differencesIn(evidence), overtaken };
}

async function everythingRead({ ends }: World, observer: Observer): Promise<boolean> {
  const topics = [...CONSUMED_TOPICS, ...PUBLISHED_TOPICS, ...CONSUMED_TOPICS.map(deadLetterTopicOf)];
  const wanted = await ends.of(topics);
  const limit = AbortSignal.timeout(READ_WITHIN_MS);
  return (await observer.until(() => observer.reader.hasReached(wanted), limit)) !== undefined;
}

/** What was published against the stock, and against what every order says it has made. */
async function ledgerReport(database: Database, { reader }: Observer): Promise<LedgerReport> {
  const stock = await database.stock.find().toArray();
  return reader.ledger.compare({ stock, outcomeIds: await outcomeIds(database) });
}

async function outcomeIds(database: Database): Promise<string[]> {
  const facts = new Map<string, OrderFactDoc[]>();
  for await (const fact of database.orderFacts.find()) {
    const order = fact._id.slice(0, fact._id.lastIndexOf('/'));
    const known = facts.get(order);
    if (known) known.push(fact);
    else facts.set(order, [fact]);
  }
  const ids: string[] = [];
  for await (const order of database.orders.find()) {
    ids.push(...expectedOutcomes(order, facts.get(order._id) ?? []));
  }
  return ids;
}
