/**
 * Mails customers what Holdfast wants them to know, once each, through any SMTP server:
 *
 *   npm run example:notifications -- --brokers 127.0.0.1:9092 --smtp smtp://127.0.0.1:1025 \
 *     --from shop@example.com --customers customers.json --journal sent.jsonl
 */

import { readFileSync } from 'node:fs';
import { HoldfastConsumer } from '@holdfast/client';
import { createTransport } from 'nodemailer';
import { commandLine } from '../command-line.js';
import { kafkaAt } from '../connection.js';
import type { Customer, Mail } from './mail.js';
import { notifying } from './notify.js';
import { SentJournal } from './sent-journal.js';

const HELP = `usage: npm run example:notifications -- --brokers HOST:PORT --smtp URL --from ADDRESS --customers FILE --journal FILE

  --brokers     Kafka brokers, with commas between
  --smtp        mail server: smtp://host:port, or smtps://user:password@host
  --from        whom mails come from
  --customers   JSON: {"customer id": {"name": "…", "email": "…"}}
  --journal     file that keeps what was mailed; made where there is none
  --prefix      what your installation puts before every topic name
  --group       the consumer group; notification-service unless given`;

const text = { type: 'string' } as const;
const { values: given } = commandLine(HELP, {
  options: {
    brokers: text,
    smtp: text,
    from: text,
    customers: text,
    journal: text,
    prefix: { ...text, default: '' },
    group: { ...text, default: 'notification-service' },
  },
});

function log(line: string): void {
  console.log(line);
}

async function main(): Promise<void> {
  const { brokers, smtp, from, customers, journal: path, prefix, group } = given;
  if (!brokers || !smtp || !from || !customers || !path) {
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  const addresses = new Map(
    Object.entries(JSON.parse(readFileSync(customers, 'utf8')) as Record<string, Customer>),
  );
  const transport = createTransport({ url: smtp, connectionTimeout: 10_000, socketTimeout: 30_000 });
  const journal = await SentJournal.open(path);
  const consumer = new HoldfastConsumer({
    kafka: kafkaAt(brokers, 'notification-service'),
    topicPrefix: prefix,
    groupId: group,
    log,
    handlers: {
      CustomerNotification: notifying({
        journal,
        customer: (id) => addresses.get(id),
        send: async (mail: Mail) => void (await transport.sendMail({ ...mail, from })),
        log,
      }),
    },
  });
  await consumer.start();
  log('ready');
  const stop = (): void => {
    consumer
      .stop()
      .then(() => journal.close())
      .then(() => transport.close())
      .catch((error: Error) => {
        console.error(error.message);
        process.exitCode = 1;
      });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
