/**
 * Publishes one event of an order, as a shop's checkout or its payment service would:
 *
 *   npm run example:publisher -- placed --brokers 127.0.0.1:9092 --store bakery --order o-1 --product stollen
 */

import { HoldfastPublisher, InvalidEvent } from '@holdfast/client';
import { commandLine } from '../command-line.js';
import { kafkaAt } from '../connection.js';

const HELP = `usage: npm run example:publisher -- EVENT --brokers HOST:PORT --store STORE --order ORDER …

  placed    --product P [--quantity 1] [--variant V] [--date YYYY-MM-DD] [--customer C]
  paid      --payment P
  rejected  [--reason TEXT]
  refunded  --refund R [--restock]

  --prefix TEXT   what your installation puts before every topic name`;

const text = { type: 'string' } as const;
const options = {
  brokers: text,
  prefix: { ...text, default: '' },
  store: { ...text, default: '' },
  order: { ...text, default: '' },
  customer: text,
  product: { ...text, default: '' },
  quantity: { ...text, default: '1' },
  variant: text,
  date: text,
  payment: { ...text, default: '' },
  reason: text,
  refund: { ...text, default: '' },
  restock: { type: 'boolean', default: false },
} as const;
const { values: given, positionals } = commandLine(HELP, { allowPositionals: true, options });

const order = { storeId: given.store, orderId: given.order };

function publishing(publisher: HoldfastPublisher, event: string | undefined): Promise<void> | undefined {
  switch (event) {
    case 'placed': {
      const line = {
        productId: given.product,
        quantity: Number(given.quantity),
        ...(given.variant !== undefined && { variantId: given.variant }),
        ...(given.date !== undefined && { fulfillmentDate: given.date }),
      };
      const customer = given.customer === undefined ? {} : { customerId: given.customer };
      return publisher.orderPlaced({ ...order, ...customer, lines: [line] });
    }
    case 'paid':
      return publisher.paymentReceived({ ...order, paymentId: given.payment });
    case 'rejected':
      return publisher.orderRejected({
        ...order,
        ...(given.reason !== undefined && { reason: given.reason }),
      });
    case 'refunded':
      return publisher.orderRefunded({ ...order, refundId: given.refund, restock: given.restock });
    default:
      return undefined;
  }
}

async function main(brokers: string): Promise<void> {
  const [event] = positionals;
  const publisher = new HoldfastPublisher({
    kafka: kafkaAt(brokers, 'example-publisher'),
    topicPrefix: given.prefix,
    source: '/examples/publisher',
  });
  await publisher.start();
  try {
    await (publishing(publisher, event) ??
      Promise.reject(new Error(`there is no event ${event}\n\n${HELP}`)));
    console.log(`${event}: the brokers have it`);
  } finally {
    await publisher.stop();
  }
}

if (given.brokers === undefined || positionals.length !== 1) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  main(given.brokers).catch((error: Error) => {
    // What Holdfast would not accept is said with the field and the remedy; nothing was sent.
    console.error(error instanceof InvalidEvent ? `not sent: ${error.message}` : error.message);
    process.exitCode = 1;
  });
}
