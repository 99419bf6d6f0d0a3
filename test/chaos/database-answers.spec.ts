/**
 * Whatever the database answers to a batch while it is away, overloaded, changing its primary or unsure of a commit: a
 * good record is applied in the end, once, and never a dead letter. The server itself is told to answer so.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { OrderEvent } from '@holdfast/core';
import type { ConsumedRecord, Translated } from '@holdfast/messaging';
import {
  audit,
  connect,
  MAX_INLINE_LETTER_BYTES,
  prepare,
  readLargeValue,
  Sessions,
  SettingsCache,
  StoreGate,
  type Database,
} from '@holdfast/store';
import { Logger } from '@nestjs/common';
import { BatchApplier } from '../../apps/worker/consume/batch-applier.js';
import { line, placed } from '../../libs/core/testing/events.js';
import { FaultPolicy } from '../../libs/messaging/lanes/fault-policy.js';
import { Semaphore } from '../../libs/messaging/semaphore.js';
import { startOwnStack, type OwnStack } from './own-stack.js';

/** Away, electing, overloaded, unsure, and some that nobody here knows. */
const CODES = [
  ...[1, 6, 7, 24, 50, 64, 89, 91, 96, 112, 134, 189, 246, 251, 256, 262, 365, 384, 462],
  ...[9001, 10107, 11600, 11602, 13435, 13436],
];
/** The server adds its own where none are given. */
const LABELS = [undefined, [], ['TransientTransactionError'], ['UnknownTransactionCommitResult']];
/** As often as an unknown error is tried. */
const TIMES = 3;

type Answer = { errorCode: number; errorLabels?: string[] } | { closeConnection: true };

function answersTo(command: string): Answer[] {
  const labels = command === 'commitTransaction' ? LABELS : [undefined];
  const coded = CODES.flatMap((errorCode) =>
    labels.map((errorLabels) => ({ errorCode, ...(errorLabels && { errorLabels }) })),
  );
  return [...coded, { closeConnection: true }];
}

let own: OwnStack;
let database: Database;
let sessions: Sessions;
let applier: BatchApplier;
let offset = 0;
const nothing = (): void => undefined;

beforeAll(async () => {
  Logger.overrideLogger(false);
  own = await startOwnStack({ mongodParameters: { enableTestCommands: true } });
  // Asked for a primary, the driver looks at once: an answer that is made up does not wake who waits for a change.
  const uri = `${own.servers.mongoUri}&serverMonitoringMode=poll&minHeartbeatFrequencyMS=10`;
  database = await connect({ uri, database: 'answers' });
  await prepare(database);
  sessions = new Sessions(database, 1);
  const settings = new SettingsCache(database);
  const tools = { database, sessions, settings, gate: new StoreGate() };
  applier = new BatchApplier({
    tools,
    groupId: 'g',
    topicPrefix: '',
    now: Date.now,
    onOutbox: () => undefined,
  });
  await applier.takeLane(0, 'me');
}, 120_000);

afterAll(async () => {
  await sessions?.close();
  await database?.close();
  await own?.stop();
}, 60_000);

describe('a good record', () => {
  it.each(['find', 'update', 'insert', 'commitTransaction'])(
    'is held, whatever %s is answered',
    async (command) => {
      const became: string[] = [];
      for (const answer of answersTo(command)) {
        const what = await applied(command, answer);
        if (what !== 'held') became.push(`${JSON.stringify(answer)}: ${what}`);
      }
      expect(became).toEqual([]);
      expect(await audit(database, { unpublishedAfterMs: 3_600_000 })).toMatchObject({ clean: true });
    },
  );
});

describe('a dead letter that is too large for a document', () => {
  it.each([{ errorCode: 11602 }, { errorCode: 1 }, { closeConnection: true } as const])(
    'is kept, whatever is answered: %p',
    async (answer) => {
      offset += 1;
      const poison = { errorClass: 'not-json', message: 'no' };
      const value = Buffer.alloc(MAX_INLINE_LETTER_BYTES + 1, offset % 256);
      // A try writes a dozen pieces at once, and the driver tries each of them twice.
      await answering('insert', answer, 100, () => apply((record) => ({ record, poison }), value));
      expect((await readLargeValue(database, `OrderPlaced/0/${offset}`))?.equals(value)).toBe(true);
    },
  );
});

/** What has become of a record whose batch is answered so. */
async function applied(command: string, answer: Answer): Promise<string> {
  const orderId = `o-${++offset}`;
  const event = placed([line('mug', 1)], { storeId: 'shop', orderId, occurredAt: Date.now() });
  await answering(command, answer, TIMES, () => apply((record) => ({ record, event })));
  if (await database.outbox.findOne({ 'letters.0': { $exists: true } })) {
    await database.outbox.deleteMany({});
    return 'a dead letter';
  }
  const order = await database.orders.findOne({ _id: `shop/${orderId}` });
  return order?.state ?? 'nothing';
}

async function answering(
  command: string,
  answer: Answer,
  times: number,
  act: () => Promise<void>,
): Promise<void> {
  const admin = database.client.db('admin');
  const data = { failCommands: [command], ...answer };
  await admin.command({ configureFailPoint: 'failCommand', mode: { times }, data });
  await act();
  await admin.command({ configureFailPoint: 'failCommand', mode: 'off' });
}

/** One record, as a lane has it applied. */
function apply(
  translated: (record: ConsumedRecord) => Translated<OrderEvent>,
  value = Buffer.from('{}'),
): Promise<void> {
  const at = { topic: 'OrderPlaced', partition: 0, offset, timestamp: 1 };
  const policy = new FaultPolicy<OrderEvent>({
    lane: 0,
    owner: 'me',
    applier: { takeLane: () => Promise.resolve(), apply: (batch) => applier.apply([batch]) },
    translate: (records) => Promise.resolve(records.map(translated)),
    clock: { now: Date.now, delay: () => delay(1) },
    log: { debug: nothing, log: nothing, warn: nothing, error: nothing },
    gate: new Semaphore(1),
    signal: new AbortController().signal,
    maxUnknownInARow: 1_000,
  });
  const positions = new Map([['OrderPlaced', { nextOffset: offset + 1, timestamp: 1 }]]);
  return policy.apply([{ ...at, key: null, value, headers: [] }], positions);
}
