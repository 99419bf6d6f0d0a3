/**
 * Sends orders at a steady pace, whatever comes back, and reads the outcomes. A process of its own, so that its
 * event loop is not the one it measures; one process for both ends, so that there is one clock.
 */

import { Kafka, logLevel, type Producer } from 'kafkajs';
import { makeOrders } from './load.js';
import { percentile } from './statistics.js';

export interface LatencySettings {
  brokers: string[];
  prefix: string;
  perSecond: number;
  seconds: number;
  /** sent before, at the same pace, and not counted */
  warmUpSeconds: number;
  seed: number;
}

export interface LatencyFound {
  orders: number;
  /** ms */
  p50: number;
  p99: number;
  max: number;
  /** orders without an outcome ten seconds after the last was sent */
  lost: number;
  /** ms from when a tick should have been to its send: the generator's own share in what is late */
  generatorDelayP99: number;
}

const TICK_MS = 5;
const WAIT_MS = 10_000;
const TAG = 'paced';

class Ledger {
  readonly sentAt: Float64Array;
  readonly latencies: number[] = [];
  readonly delays: number[] = [];
  #seen: Uint8Array;
  seen = 0;

  constructor(
    orders: number,
    private readonly firstCounted: number,
  ) {
    this.sentAt = new Float64Array(orders);
    this.#seen = new Uint8Array(orders);
  }

  outcome(orderId: string): void {
    if (!orderId.startsWith(TAG)) return;
    const now = performance.now();
    const number = Number(orderId.slice(TAG.length + 1));
    if (this.#seen[number] === 1) return;
    this.#seen[number] = 1;
    this.seen += 1;
    if (number >= this.firstCounted) this.latencies.push(now - (this.sentAt[number] as number));
  }
}

async function readOutcomes(
  kafka: Kafka,
  settings: LatencySettings,
  ledger: Ledger,
): Promise<() => Promise<void>> {
  const consumer = kafka.consumer({ groupId: `${settings.prefix}latency`, maxWaitTimeInMs: 1_000 });
  await consumer.connect();
  await consumer.subscribe({ topic: settings.prefix + 'StockOutcome', fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      for (const { value } of batch.messages) {
        if (value) ledger.outcome((JSON.parse(value.toString()) as { orderId: string }).orderId);
      }
      return Promise.resolve();
    },
  });
  await joined;
  return () => consumer.disconnect();
}

interface Prepared {
  key: string;
  value: string;
}

/** Every tick sends what is due by then, on time or late, without waiting for the answers. */
function sendPaced(
  producer: Producer,
  topic: string,
  messages: Prepared[],
  settings: LatencySettings,
  ledger: Ledger,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let next = 0;
    const sends: Promise<unknown>[] = [];
    const timer = setInterval(() => {
      const now = performance.now();
      const due = Math.min(messages.length, Math.floor(((now - started) / 1_000) * settings.perSecond));
      if (due > next) {
        ledger.delays.push(now - started - ((next + 1) / settings.perSecond) * 1_000);
        const part = messages.slice(next, due);
        ledger.sentAt.fill(performance.now(), next, due);
        next = due;
        sends.push(producer.send({ topic, messages: part, acks: -1 }).catch(reject));
      }
      if (next < messages.length) return;
      clearInterval(timer);
      Promise.all(sends).then(() => resolve(), reject);
    }, TICK_MS);
  });
}

async function main(settings: LatencySettings): Promise<void> {
  const kafka = new Kafka({ clientId: 'latency-load', brokers: settings.brokers, logLevel: logLevel.ERROR });
  const firstCounted = settings.warmUpSeconds * settings.perSecond;
  const orders = makeOrders({
    workload: 'uniform',
    orders: firstCounted + settings.seconds * settings.perSecond,
    tag: TAG,
    seed: settings.seed,
    occurredAt: new Date(),
  });
  const messages = orders.map((order) => ({ key: order.storeId, value: JSON.stringify(order) }));
  const ledger = new Ledger(messages.length, firstCounted);
  const producer = kafka.producer();
  await producer.connect();
  const stopReading = await readOutcomes(kafka, settings, ledger);
  await sendPaced(producer, settings.prefix + 'OrderPlaced', messages, settings, ledger);
  const deadline = performance.now() + WAIT_MS;
  while (ledger.seen < messages.length && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const sorted = Float64Array.from(ledger.latencies).sort();
  const found: LatencyFound = {
    orders: messages.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
    lost: messages.length - ledger.seen,
    generatorDelayP99: percentile(Float64Array.from(ledger.delays).sort(), 0.99),
  };
  // Before the result is told: whoever reads it may stop this at once.
  process.once('SIGTERM', () => {
    void Promise.all([stopReading(), producer.disconnect()]).finally(() => process.exit(0));
  });
  process.send?.(found);
}

await main(JSON.parse(process.argv[2] ?? '{}') as LatencySettings);
