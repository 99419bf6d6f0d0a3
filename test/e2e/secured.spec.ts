/** The whole pipeline where servers want TLS and a login, with what `ops topics acl` prints and nothing more. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Logger } from '@nestjs/common';
import { apiConfig, kafkaServerConfig, workerConfig } from '@holdfast/config';
import type { SecureUser } from '@holdfast/local-stack';
import { createKafka, Publisher } from '@holdfast/messaging';
import {
  buryDeadWorkers,
  connect,
  createApiKey,
  registerWorker,
  Sessions,
  type Database,
} from '@holdfast/store';
import { startApi } from '../../apps/api/api.js';
import type { Grants } from '../../apps/ops/commands/topics-grants.js';
import { SecuredPipeline } from '../support/pipeline-secured.js';

const silent = {
  debug: () => undefined,
  log: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

let secured: SecuredPipeline;
let grants: Grants[];
let folder: string;
const examples: ChildProcess[] = [];

beforeAll(async () => {
  Logger.overrideLogger(['error']);
  secured = await SecuredPipeline.start();
  grants = await secured.grants();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-examples-'));
}, 120_000);

afterAll(async () => {
  for (const child of examples) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
  await secured.stop();
});

function of(role: string): Grants {
  const found = grants.find((one) => one.role === role);
  if (found === undefined) throw new Error(`nothing is granted to ${role}`);
  return found;
}

function kafkaOf(user: SecureUser) {
  const { brokers, kafkaSecurity } = kafkaServerConfig(secured.environmentOf(user));
  return createKafka({ brokers, clientId: user, ...kafkaSecurity, log: silent });
}

function databaseOf(user: SecureUser): Promise<Database> {
  const { mongoUri: uri, database, mongoSecurity } = workerConfig(secured.environmentOf(user));
  return connect({ uri, database, ...mongoSecurity });
}

async function publishAs(user: SecureUser, topic: string, value: object | string): Promise<void> {
  const publisher = new Publisher(kafkaOf(user));
  await publisher.connect();
  try {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    await publisher.publish([
      { topic: secured.shop.topicPrefix + topic, key: Buffer.from('bakery'), value: bytes, headers: [] },
    ]);
  } finally {
    await publisher.disconnect();
  }
}

describe('servers that let in whom they know', () => {
  it('are told a wrong password and the lack of every right by what is missing, and the worker ends', async () => {
    const wrong = { MONGODB_PASSWORD: 'hunter2', MONGODB_PASSWORD_FILE: '' };
    const locked = await secured.workerThatEnds(wrong);
    expect(locked.code).toBe(1);
    expect(locked.log).toContain('MongoDB does not let this user in: correct MONGODB_USERNAME');
    expect(locked.log).not.toContain('hunter2');

    const without = await secured.workerThatEnds();
    expect(without.code).toBe(1);
    expect(without.log).toContain(`MongoDB does not let this user do create on ${secured.shop.name}.`);
    expect(without.log).toContain('topics acl');

    await secured.grantAtMongo(of('worker'));
    const atKafka = { KAFKA_SASL_PASSWORD: 'hunter2', KAFKA_SASL_PASSWORD_FILE: '' };
    const unknown = await secured.workerThatEnds(atKafka);
    expect(unknown.code).toBe(1);
    expect(unknown.log).toContain('Kafka does not let this user in');
    expect(unknown.log).not.toContain('hunter2');

    const blind = await secured.workerThatEnds();
    expect(blind.code).toBe(1);
    expect(blind.log).toMatch(/Kafka does not let this user|let this user read it: `ops topics acl`/);
  });

  it('are told a group that may not be joined', async () => {
    const [consumed, published] = of('worker').kafka;
    await secured.grantAtKafka({
      ...of('worker'),
      kafka: [consumed, published].filter((one) => one !== undefined),
    });
    const { code, log } = await secured.workerThatEnds();
    expect(code).toBe(1);
    expect(log).toContain(`Kafka does not let this user join the group ${secured.shop.name}`);
  });

  it('hold, sell, publish, answer and dead-letter with the printed grants alone', async () => {
    const { shop } = secured;
    for (const role of ['worker', 'api', 'ops', 'publisher', 'consumer']) {
      await secured.grantAtKafka(of(role));
      if (role !== 'worker') await secured.grantAtMongo(of(role));
    }
    await shop.startWorker();
    for (const words of [
      'topics apply --yes --change-consumed',
      'product set --store bakery --product stollen --inventory product',
      'stock set --store bakery --product stollen --quantity 5',
    ]) {
      expect(await secured.ops(words)).toMatchObject({ code: 0 });
    }
    const order = { storeId: 'bakery', orderId: 'o-1', occurredAt: new Date().toISOString() };
    const lines = [{ productId: 'stollen', quantity: 2 }];
    await publishAs('holdfast-publisher', 'OrderPlaced', { ...order, eventId: 'e-1', lines });
    await publishAs('holdfast-publisher', 'PaymentReceived', { ...order, eventId: 'e-2', paymentId: 'p-1' });
    await publishAs('holdfast-publisher', 'OrderRefunded', 'no JSON');
    await shop.until(
      ({ published, letters }) =>
        published.some(({ message }) => (message as { outcome?: string }).outcome === 'Sold') &&
        letters.length === 1,
      'the sale and the dead letter',
    );
    expect(await shop.balance('bakery', 'stollen')).toEqual([3, 0, 2, 0]);
    await seenByTheApi();
    await outsidersAreRefused();
    expect(await secured.ops('audit')).toMatchObject({ code: 0 });
  });

  it('take and give to what other teams write, with settings from the environment', async () => {
    const customers = join(folder, 'customers.json');
    await writeFile(customers, '{}');
    // Nobody has an address, so that it says for whom it has no mail, and needs no mail server.
    const service = example('notification-service', 'holdfast-consumer', {
      group: 'holdfast-consumer',
      smtp: 'smtp://127.0.0.1:1',
      from: 'shop@example.com',
      journal: join(folder, 'sent.jsonl'),
      customers,
    });
    const order = { store: 'bakery', order: 'o-2', product: 'stollen', quantity: '900' };
    const publisher = example('publisher', 'holdfast-publisher', order, ['placed']);
    expect(await once(publisher, 'exit')).toEqual([0, null]);
    await new Promise<void>((told, failed) => {
      service.once('exit', (code) => failed(new Error(`the service ended with ${code}`)));
      createInterface(service.stdout).on('line', (said) => said.includes('bakery/o-2/') && told());
    });
    service.kill('SIGTERM');
    await once(service, 'exit');
  });

  it('have the sessions of a process that died ended by another user', async () => {
    const [api, worker] = await Promise.all([databaseOf('holdfast-api'), databaseOf('holdfast-worker')]);
    const sessions = new Sessions(api, 1);
    await registerWorker(api, { workerId: 'api-that-dies', incarnation: '1' }, ['api'], sessions.ids());
    await sessions.use(async (session) => {
      session.startTransaction();
      await api.stores.insertOne({ _id: 'left-open' } as never, { session });
      await secured.shop.database.workers.updateOne(
        { _id: 'api-that-dies' },
        { $set: { until: new Date(0) } },
      );
      // The running worker may be the first to find it.
      await buryDeadWorkers(worker);
      await expect(session.commitTransaction()).rejects.toThrow('has been aborted');
    });
    await Promise.all([sessions.close(), worker.close()]);
    await api.close();
  });

  it('see no secret in arguments, and end in an audit without differences', async () => {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-e', '-o', 'args=']);
    for (const secret of secured.secrets()) {
      expect(secret).not.toBe('');
      expect(stdout).not.toContain(secret);
    }
    await secured.finish();
  });
});

function example(name: string, user: SecureUser, options: Record<string, string>, words: string[] = []) {
  const { KAFKA_BROKERS: brokers = '', ...environment } = secured.environmentOf(user);
  const all = Object.entries({ brokers, prefix: secured.shop.topicPrefix, ...options });
  const args = [...words, ...all.map(([option, value]) => `--${option}=${value}`)];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [resolve(`dist/examples/${name}/main.js`), ...args], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  examples.push(child);
  return child;
}

/** A merchant's change and a rejection through the API, which has a login of its own. */
async function seenByTheApi(): Promise<void> {
  const { shop, stack } = secured;
  const { key } = await createApiKey(shop.database, { scope: 'merchant', storeId: 'bakery', name: 'Jo' });
  // A certificate of the client's own, too, and the other mechanism.
  const environment = {
    ...secured.environmentOf('holdfast-api'),
    KAFKA_TLS_CERT_FILE: stack.client.certificate,
    KAFKA_TLS_KEY_FILE: stack.client.key,
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    MONGODB_TLS_CERT_FILE: stack.client.certificate,
    MONGODB_TLS_KEY_FILE: stack.client.key,
    HOLDFAST_API_PORT: '0',
    HOLDFAST_LOG_LEVEL: 'error',
  };
  const api = await startApi(apiConfig(environment));
  try {
    const call = async (path: string, body?: object): Promise<number> => {
      const response = await fetch(`${api.url}/v1/stores/bakery${path}`, {
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      });
      await response.text();
      return response.status;
    };
    const change = { reason: 'more', cells: [{ productId: 'stollen', quantity: 7 }] };
    expect(await call('/stock/changes', change)).toBeLessThan(300);
    expect(await call('/orders/o-1')).toBe(200);
    expect(await call('/orders/o-1/reject', { reason: 'sold out' })).toBeLessThan(300);
    await shop.until(
      ({ published }) =>
        published.some(({ message }) => (message as { outcome?: string }).outcome === 'Released'),
      'the release',
    );
  } finally {
    await api.stop();
  }
}

async function outsidersAreRefused(): Promise<void> {
  await expect(publishAs('holdfast-consumer', 'OrderPlaced', '{}')).rejects.toThrow(
    /authorized|AUTHORIZATION/i,
  );
  const outside = await databaseOf('holdfast-publisher');
  await expect(outside.orders.findOne({})).rejects.toThrow('not authorized');
  await outside.close();
  // PLAIN for one user, over TLS; the password file is what the stack made.
  const password = (
    await readFile(secured.stack.environmentOf('holdfast-worker')['KAFKA_SASL_PASSWORD_FILE'] ?? '', 'utf8')
  ).trim();
  const { brokers, kafkaSecurity } = kafkaServerConfig(secured.environmentOf('holdfast-worker'));
  const admin = createKafka({
    brokers,
    clientId: 'plain',
    ...kafkaSecurity,
    sasl: { mechanism: 'plain', username: 'holdfast-worker', password },
    log: silent,
  }).admin();
  await admin.connect();
  expect(await admin.listTopics()).toContain(`${secured.shop.topicPrefix}OrderPlaced`);
  await admin.disconnect();
}
