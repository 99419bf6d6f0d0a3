/** The program of one producer. The demo starts several; each ends when the demo is gone. */

import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import type { ProducerNews, ProducerOrder } from './orders.js';
import { Producer } from './producer.js';

// What kafkajs retries is of no interest here; what it cannot retry ends the process.
Logger.overrideLogger(['error', 'fatal']);

const tell = (news: ProducerNews): void => void process.send?.(news);

let producer: Producer | undefined;

async function obey(order: ProducerOrder): Promise<void> {
  switch (order.type) {
    case 'prepare':
      producer = new Producer(order.service, order.brokers);
      await producer.prepare();
      tell({ type: 'prepared' });
      return;
    case 'start':
      await producer?.run(order.scene, () => tell({ type: 'planned-sent' }));
      tell({ type: 'finished' });
      process.disconnect();
      return;
    case 'finish':
      await producer?.finish();
      return;
  }
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

process.on('message', (order: ProducerOrder) => void obey(order).catch(fail));
process.on('disconnect', () => process.exit(0));
