/** What another team would write with the client, run as they would: the examples, beside the whole pipeline. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { startPipeline, type Pipeline } from '../support/pipeline.js';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-examples-'));
const children = new Set<ChildProcess>();
let shop: Pipeline;
let mailbox: Mailbox;

beforeAll(async () => {
  mailbox = new Mailbox();
  await mailbox.open();
  shop = await startPipeline();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await mailbox.close();
  rmSync(folder, { recursive: true });
  await shop.finish();
});

/** A mail server on loopback that keeps what it is given. */
class Mailbox {
  readonly mails: { to: string; subject: string; messageId: string }[] = [];
  /** mails that were not taken, as by a server that is busy */
  refused = 0;
  refuseNext = false;
  #arrived: () => void = () => {};
  readonly #server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      text(stream).then((mail) => {
        if (this.refuseNext) {
          this.refuseNext = false;
          this.refused += 1;
          done(Object.assign(new Error('busy, come again'), { responseCode: 451 }));
          return;
        }
        const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'mi').exec(mail)?.[1]?.trim() ?? '';
        const to = session.envelope.rcptTo.map(({ address }) => address).join();
        this.mails.push({ to, subject: header('Subject'), messageId: header('Message-ID') });
        done();
        this.#arrived();
      }, done);
    },
  });

  async open(): Promise<void> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  /** Resolves when a mail with this subject has arrived. */
  async has(subject: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#arrived = () => this.mails.some((mail) => mail.subject === subject) && resolve();
      this.#arrived();
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }
}

function run(example: string, options: Record<string, string>, words: string[] = []): ChildProcess {
  const { KAFKA_BROKERS: brokers = '' } = shop.environment;
  const all = Object.entries({ brokers, prefix: shop.topicPrefix, ...options });
  const args = [...words, ...all.map(([name, value]) => `--${name}=${value}`)];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [resolve(`dist/examples/${example}/main.js`), ...args], {
    env: { PATH, HOME },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function place(orderId: string, quantity: number): Promise<void> {
  const order = {
    store: 'bakery',
    order: orderId,
    customer: 'c-1',
    product: 'stollen',
    quantity: String(quantity),
  };
  const [code] = (await once(run('publisher', order, ['placed']), 'exit')) as [number];
  expect(code).toBe(0);
}

/** Resolves when it is ready. */
async function startService(): Promise<ChildProcess> {
  const service = run('notification-service', {
    smtp: mailbox.url,
    from: 'shop@example.com',
    customers: join(folder, 'customers.json'),
    journal: join(folder, 'sent.jsonl'),
  });
  await new Promise<void>((ready, failed) => {
    service.once('exit', (code) => failed(new Error(`the service ended with ${code}`)));
    if (service.stdout) createInterface(service.stdout).on('line', (line) => line === 'ready' && ready());
  });
  return service;
}

/** Every notification so far once more, as a relay does whose answer was lost. */
async function publishAgain(): Promise<void> {
  const producer = shop.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const told = shop.outcomes().published.filter(({ topic }) => topic === 'CustomerNotification');
  const messages = told.map(({ key, text: value, headers, partition }) => ({
    key,
    value,
    headers,
    partition,
  }));
  await producer.send({ topic: `${shop.topicPrefix}CustomerNotification`, messages });
  await producer.disconnect();
}

describe('the examples', () => {
  it('mail a customer once each: refused and expired, published twice, across a restart, by a busy mail server', async () => {
    writeFileSync(
      join(folder, 'customers.json'),
      JSON.stringify({ 'c-1': { name: 'Ada', email: 'ada@example.com' } }),
    );
    await shop.store('bakery', { holdMs: 1_000 });
    await shop.product('bakery', 'stollen');
    await shop.stock('bakery', { stollen: 3 });
    mailbox.refuseNext = true;
    const [service] = await Promise.all([startService(), place('large', 9), place('unpaid', 3)]);
    await mailbox.has('Your order large is sold out');
    await mailbox.has('Your order unpaid was cancelled');
    expect(mailbox.refused).toBe(1);

    await publishAgain();
    service.kill('SIGTERM');
    expect(await once(service, 'exit')).toEqual([0, null]);
    await publishAgain();
    await Promise.all([startService(), place('late', 9)]);
    await mailbox.has('Your order late is sold out');
    expect(mailbox.mails.map(({ to, subject }) => `${to}: ${subject}`).sort()).toEqual([
      'ada@example.com: Your order large is sold out',
      'ada@example.com: Your order late is sold out',
      'ada@example.com: Your order unpaid was cancelled',
    ]);
    expect(new Set(mailbox.mails.map(({ messageId }) => messageId)).size).toBe(3);
  });
});
