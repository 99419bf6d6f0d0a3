/** How every flow ends: the database adds up, what was published adds up with it, and every message is what the documents say. */

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CLOUD_EVENTS_SOURCE, cloudEventType, PUBLISHED_TOPICS } from '@holdfast/contracts';
import type { StockOutcome } from '@holdfast/contracts';
import { audit, auditLedger, expectedOutcomes, type Database, type OrderFactDoc } from '@holdfast/store';
import type { Outcomes, Published } from './pipeline-arrivals.js';

/** What differs, one line each; empty when everything adds up. Nothing may be on its way any more. */
export async function differencesAtTheEnd(
  database: Database,
  { published }: Outcomes,
  overdueAfterMs: number,
): Promise<string[]> {
  const report = await audit(database, { unpublishedAfterMs: 0, overdueAfterMs });
  const ledger = auditLedger(
    published.filter(({ topic }) => topic === 'StockOutcome').map(({ message }) => message as StockOutcome),
    { stock: await database.stock.find().toArray(), outcomeIds: await outcomeIds(database) },
  );
  return [
    ...report.listed.map(({ kind, message }) => `audit: ${kind}: ${message}`),
    ...(report.clean || report.listed.length > 0 ? [] : ['audit: is not clean, and lists nothing']),
    ...ledger.listed.map(({ kind, message }) => `ledger: ${kind}: ${message}`),
    ...published.flatMap(mistakes),
  ];
}

async function outcomeIds(database: Database): Promise<string[]> {
  const facts = new Map<string, OrderFactDoc[]>();
  for await (const fact of database.orderFacts.find()) {
    const order = fact._id.slice(0, fact._id.lastIndexOf('/'));
    const list = facts.get(order);
    if (list) list.push(fact);
    else facts.set(order, [fact]);
  }
  const ids: string[] = [];
  for await (const order of database.orders.find())
    ids.push(...expectedOutcomes(order, facts.get(order._id) ?? []));
  return ids;
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const isMoment = (text: string): boolean => !Number.isNaN(Date.parse(text));
ajv.addFormat('date', isMoment);
ajv.addFormat('date-time', isMoment);
const validators = new Map(
  PUBLISHED_TOPICS.map((topic) => [
    topic,
    ajv.compile(JSON.parse(readFileSync(`docs/schemas/${topic}.json`, 'utf8')) as object),
  ]),
);

/** What is wrong with one message by docs/schemas and by CloudEvents 1.0. */
function mistakes({ topic, key, message, headers, offset, partition }: Published): string[] {
  const found: string[] = [];
  const validate = validators.get(topic);
  if (!validate?.(message)) found.push(ajv.errorsText(validate?.errors));
  const body = message as Record<string, string>;
  const id = body['outcomeId'] ?? body['notificationId'] ?? body['eventId'];
  const expected: Record<string, string | undefined> = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: cloudEventType(topic),
    ce_source: CLOUD_EVENTS_SOURCE,
    'content-type': 'application/json',
  };
  for (const [name, value] of Object.entries(expected)) {
    if (headers[name] !== value) found.push(`header ${name} is ${headers[name]}, and should be ${value}`);
  }
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(headers['ce_time'] ?? ''))
    found.push(`header ce_time is ${headers['ce_time']}`);
  if (key !== body['storeId']) found.push(`the key is ${key}, and should be the store`);
  return found.map((mistake) => `${topic}/${partition}/${offset} ${id}: ${mistake}`);
}
