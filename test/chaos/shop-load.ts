/**
 * The traffic of some shops with scarce stock, for as long as a test breaks things: orders, payments, rejections
 * and refunds, some twice and some before what should precede them. It remembers what the broker has taken, so
 * that a test can ask afterwards whether all of it is known, and no payment came in time for nothing.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumedTopic } from '@holdfast/contracts';
import { line, type Pipeline } from '../support/pipeline.js';
import type { Chance } from './chance.js';

const LANES = 6;
const TICK_MS = 50;
/** Every store has these; each sells out some time. */
const PRODUCTS = ['cake', 'bread', 'shirt/S', 'shirt/M', 'mug'] as const;
/** What is sent of one order is spread over so long, ms. */
const SPREAD_MS = 700;

export interface LoadOptions {
  ordersPerSecond?: number;
  /** units of every product of a store */
  units?: number;
  /** how long half of the stores hold unpaid orders, ms; the others do for half an hour */
  shortHoldMs?: number;
  /** goes on sending while what was sent before still waits for its broker, as many shops beside each other do */
  steady?: boolean;
  /** leaves out the store whose records go to any lane */
  keyed?: boolean;
}

/** What the broker has taken of one order. */
export interface SentOrder {
  storeId: string;
  orderId: string;
  isPlaced: boolean;
  rejected: boolean;
  /** payment → when the broker had confirmed the first of its records, epoch ms */
  payments: Map<string, number>;
  refunds: Set<string>;
}

interface Planned {
  at: number;
  topic: ConsumedTopic;
  order: SentOrder;
  message: Record<string, unknown>;
  confirmed: (at: number) => void;
}

type Publish = (
  messages: readonly object[],
  options: (message: object, at: number) => { partition: number },
) => Promise<void>;

export class ShopLoad {
  readonly sent = new Map<string, SentOrder>();
  readonly #lanes = new Map<string, number>();
  #planned: Planned[] = [];
  #orders = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(
    private readonly shop: Pipeline,
    private readonly chance: Chance,
    private readonly options: Required<LoadOptions>,
  ) {}

  /** Makes the shops and starts at once. */
  static async start(shop: Pipeline, chance: Chance, options: LoadOptions = {}): Promise<ShopLoad> {
    const load = new ShopLoad(shop, chance, {
      ordersPerSecond: 40,
      units: 400,
      shortHoldMs: 3_000,
      steady: false,
      keyed: false,
      ...options,
    });
    await load.#furnish();
    load.#running = load.#run().catch((error: unknown) => {
      load.#failure = error;
    });
    return load;
  }

  /** Sends the rest of every order's life, at once; resolves when the broker has it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Stores whose records all go to this lane. */
  storesOf(lane: number): ReadonlySet<string> {
    return new Set([...this.#lanes].filter(([, own]) => own === lane).map(([store]) => store));
  }

  /** Counts an order that the test itself has published, and the broker has confirmed, as sent. */
  adopt(storeId: string, orderId: string, payments: Iterable<string> = []): void {
    const at = Date.now();
    this.sent.set(`${storeId}/${orderId}`, {
      storeId,
      orderId,
      isPlaced: true,
      rejected: false,
      payments: new Map([...payments].map((paymentId) => [paymentId, at])),
      refunds: new Set(),
    });
  }

  async #furnish(): Promise<void> {
    const { shop, options } = this;
    for (let at = 0; at < 2 * LANES; at++) this.#lanes.set(`shop-${at}`, at % LANES);
    for (const [at, storeId] of this.#stores.entries()) {
      if (at % 2 === 0) await shop.store(storeId, { holdMs: options.shortHoldMs });
      for (const product of new Set(PRODUCTS.map((key) => key.split('/')[0] as string))) {
        await shop.product(storeId, product, product === 'shirt' ? 'variant' : 'product');
      }
      await shop.stock(storeId, Object.fromEntries(PRODUCTS.map((key) => [key, options.units])));
    }
  }

  /** The last one's records go anywhere, so that workers meet at its stock. */
  get #stores(): string[] {
    return [...this.#lanes.keys(), ...(this.options.keyed ? [] : ['everywhere'])];
  }

  async #run(): Promise<void> {
    const { ordersPerSecond } = this.options;
    let last = performance.now();
    let owed = 0;
    const sending = new Set<Promise<void>>();
    let failure: unknown;
    while (!this.#stopping) {
      await delay(TICK_MS);
      const now = performance.now();
      // After an outage the shops go on as usual; nobody makes up for the time.
      owed += Math.min(1, (now - last) / 1_000) * ordersPerSecond;
      last = now;
      for (; owed >= 1; owed--) this.#planOrder();
      const sent = this.#sendUntil(Date.now()).finally(() => sending.delete(sent));
      sending.add(sent);
      sent.catch((error: unknown) => (failure = error));
      if (!this.options.steady) await sent;
      if (failure !== undefined) throw failure as Error;
    }
    await Promise.all([...sending, this.#sendUntil(Infinity)]);
  }

  #planOrder(): void {
    const { chance } = this;
    this.#orders += 1;
    const storeId = chance.oneOf(this.#stores);
    const orderId = `order-${this.#orders}`;
    const order: SentOrder = {
      storeId,
      orderId,
      isPlaced: false,
      rejected: false,
      payments: new Map(),
      refunds: new Set(),
    };
    this.sent.set(`${storeId}/${orderId}`, order);
    const keys = PRODUCTS.filter(() => chance.happens(0.35));
    if (keys.length === 0) keys.push(chance.oneOf(PRODUCTS));
    const lines = keys.map((key) => line(key, chance.integer(1, 3)));
    this.#plan('OrderPlaced', order, { lines, customerId: `customer-${this.#orders}` }, () => {
      order.isPlaced = true;
    });
    const payments = chance.happens(0.65) ? (chance.happens(0.05) ? 2 : 1) : 0;
    for (let at = 1; at <= payments; at++) this.#planPayment(order, `pay-${at}`);
    if (chance.happens(0.12)) {
      this.#plan('OrderRejected', order, { reason: 'closed that day' }, () => {
        order.rejected = true;
      });
    }
    if (payments > 0 && chance.happens(0.2)) {
      const part = chance.happens(0.5) ? { lines: [{ ...lines[0], quantity: 1 }] } : {};
      this.#plan(
        'OrderRefunded',
        order,
        { refundId: 'refund-1', restock: chance.happens(0.5), ...part },
        () => order.refunds.add('refund-1'),
      );
    }
  }

  #planPayment(order: SentOrder, paymentId: string): void {
    this.#plan('PaymentReceived', order, { paymentId }, (at) => {
      if (!order.payments.has(paymentId)) order.payments.set(paymentId, at);
    });
  }

  /** Some time soon, and perhaps once more: topics are not ordered against each other, and producers repeat. */
  #plan(
    topic: ConsumedTopic,
    order: SentOrder,
    fields: Record<string, unknown>,
    confirmed: (at: number) => void,
  ): void {
    const { storeId, orderId } = order;
    const eventId = `${orderId}-${topic}-${String(fields['paymentId'] ?? fields['refundId'] ?? '')}`;
    const message = { eventId, occurredAt: new Date().toISOString(), storeId, orderId, ...fields };
    const copies = this.chance.happens(0.15) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const at = Date.now() + this.chance.integer(0, (1 + copy) * SPREAD_MS);
      this.#planned.push({ at, topic, order, message, confirmed });
    }
  }

  async #sendUntil(time: number): Promise<void> {
    const ready = this.#planned.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at);
    this.#planned = this.#planned.filter(({ at }) => at > time);
    const byTopic = new Map<ConsumedTopic, Planned[]>();
    for (const planned of ready) {
      const own = byTopic.get(planned.topic);
      if (own) own.push(planned);
      else byTopic.set(planned.topic, [planned]);
    }
    await Promise.all([...byTopic].map(([topic, own]) => this.#send(topic, own)));
  }

  async #send(topic: ConsumedTopic, planned: readonly Planned[]): Promise<void> {
    const { placed, paid, rejected, refunded } = this.shop.publish;
    const publish = {
      OrderPlaced: placed,
      PaymentReceived: paid,
      OrderRejected: rejected,
      OrderRefunded: refunded,
    };
    const partitions = planned.map(
      ({ order }) => this.#lanes.get(order.storeId) ?? this.chance.integer(0, LANES - 1),
    );
    await (publish[topic] as unknown as Publish)(
      planned.map(({ message }) => message),
      (_, at) => ({ partition: partitions[at] as number }),
    );
    const now = Date.now();
    for (const { confirmed } of planned) confirmed(now);
  }
}
