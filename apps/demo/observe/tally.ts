/**
 * What stands on Kafka, counted: what the producers sent as the broker has it, and what Holdfast published.
 * Knows nothing of what the producers meant to do. Pure.
 */

import {
  CONSUMED_TOPICS,
  type ConsumedTopic,
  type CustomerNotification,
  type OrderExpired,
  type PublishedTopic,
  type StockOutcome,
} from '@holdfast/contracts';

/** A record of a consumed topic as the broker has it. */
export interface SentRecord {
  topic: ConsumedTopic;
  /** the broker's clock, epoch ms */
  timestamp: number;
  value: Buffer | null;
  /** the producer says in a header that it is malformed on purpose */
  isMalformed: boolean;
}

/** Where the record of a dead letter stood, from its headers. */
export interface DeadLetterPlace {
  topic: ConsumedTopic;
  partition: string;
  offset: string;
}

export interface TallyCounts {
  /** different events, malformed records left out */
  events: number;
  orders: number;
  sentTwice: number;
  malformed: number;
  /** orders decided, in whatever way */
  decided: number;
  /** different outcomes by name; `Released` in two: `expired` and `rejected` */
  outcomes: Readonly<Record<string, number>>;
  notifications: Readonly<Record<string, number>>;
  notified: number;
  expired: number;
  deadLetters: number;
  /** messages of Holdfast that came again under the same id */
  publishedTwice: number;
}

/** An order whose decisions are not exactly one. */
export interface WrongDecision {
  /** `store/order` */
  order: string;
  /** versions of its order whose cause was its placement */
  decisions: number;
  placed: boolean;
}

interface OrderSeen {
  placedAt?: number;
  decidedAt?: number;
  /** versions decided by the placement: one outcome or several each */
  versions: number[];
}

export class Tally {
  readonly #orders = new Map<string, OrderSeen>();
  readonly #events = new Set<string>();
  readonly #published = new Set<string>();
  readonly #letters = new Set<string>();
  readonly #outcomes: Record<string, number> = {};
  readonly #notifications: Record<string, number> = {};
  readonly #malformed = new Map<ConsumedTopic, number>(CONSUMED_TOPICS.map((topic) => [topic, 0]));
  readonly #lettersOf = new Map<ConsumedTopic, number>(CONSUMED_TOPICS.map((topic) => [topic, 0]));
  readonly #latenciesMs: number[] = [];
  #sentTwice = 0;
  #publishedTwice = 0;
  #placed = 0;
  #decided = 0;
  #notified = 0;
  #expired = 0;

  addSent({ topic, timestamp, value, isMalformed }: SentRecord): void {
    if (isMalformed) {
      this.#malformed.set(topic, (this.#malformed.get(topic) ?? 0) + 1);
      return;
    }
    const { eventId, storeId, orderId } = JSON.parse(String(value)) as Record<string, string>;
    const id = `${topic}/${storeId}/${eventId}`;
    if (this.#events.has(id)) {
      this.#sentTwice += 1;
      return;
    }
    this.#events.add(id);
    if (topic !== 'OrderPlaced') return;
    this.#placed += 1;
    const order = this.#order(`${storeId}/${orderId}`);
    order.placedAt = timestamp;
    this.#measure(order);
  }

  /** @param timestamp of the record, epoch ms @returns whether it is a first delivery */
  addOutcome(outcome: StockOutcome, timestamp: number): boolean {
    if (!this.#isFirst('StockOutcome', outcome.outcomeId)) return false;
    const name = outcome.outcome === 'Released' ? `Released, ${outcome.reason}` : outcome.outcome;
    this.#outcomes[name] = (this.#outcomes[name] ?? 0) + 1;
    if (outcome.cause.topic !== 'OrderPlaced' || outcome.orderId === undefined) return true;
    const order = this.#order(`${outcome.storeId}/${outcome.orderId}`);
    if (order.versions.length === 0) {
      this.#decided += 1;
      order.decidedAt = timestamp;
      this.#measure(order);
    }
    if (!order.versions.includes(outcome.version)) order.versions.push(outcome.version);
    return true;
  }

  addNotification({ notificationId, template }: CustomerNotification): void {
    if (!this.#isFirst('CustomerNotification', notificationId)) return;
    this.#notified += 1;
    this.#notifications[template] = (this.#notifications[template] ?? 0) + 1;
  }

  addExpired({ eventId }: OrderExpired): void {
    if (this.#isFirst('OrderExpired', eventId)) this.#expired += 1;
  }

  addDeadLetter({ topic, partition, offset }: DeadLetterPlace): void {
    const place = `${topic}/${partition}/${offset}`;
    if (this.#letters.has(place)) {
      this.#publishedTwice += 1;
      return;
    }
    this.#letters.add(place);
    this.#lettersOf.set(topic, (this.#lettersOf.get(topic) ?? 0) + 1);
  }

  get decided(): number {
    return this.#decided;
  }

  counts(): TallyCounts {
    const malformed = [...this.#malformed.values()].reduce((sum, count) => sum + count, 0);
    return {
      events: this.#events.size,
      orders: this.#placed,
      sentTwice: this.#sentTwice,
      malformed,
      decided: this.#decided,
      outcomes: { ...this.#outcomes },
      notifications: { ...this.#notifications },
      notified: this.#notified,
      expired: this.#expired,
      deadLetters: this.#letters.size,
      publishedTwice: this.#publishedTwice,
    };
  }

  /** Malformed records and dead letters of each consumed topic. */
  malformedAndDead(): { topic: ConsumedTopic; malformed: number; deadLetters: number }[] {
    return CONSUMED_TOPICS.map((topic) => ({
      topic,
      malformed: this.#malformed.get(topic) ?? 0,
      deadLetters: this.#lettersOf.get(topic) ?? 0,
    }));
  }

  /** Orders that were not decided, or more than once, or without having been placed. */
  wrongDecisions(): WrongDecision[] {
    const wrong: WrongDecision[] = [];
    for (const [order, { placedAt, versions }] of this.#orders) {
      const placed = placedAt !== undefined;
      if (placed && versions.length === 1) continue;
      wrong.push({ order, decisions: versions.length, placed });
    }
    return wrong;
  }

  /** From an order's record to its outcome's, both by the time that they have on Kafka, in order of arrival, ms. */
  get latenciesMs(): readonly number[] {
    return this.#latenciesMs;
  }

  #order(id: string): OrderSeen {
    let order = this.#orders.get(id);
    if (!order) this.#orders.set(id, (order = { versions: [] }));
    return order;
  }

  #isFirst(topic: PublishedTopic, id: string): boolean {
    const name = `${topic}/${id}`;
    if (this.#published.has(name)) {
      this.#publishedTwice += 1;
      return false;
    }
    this.#published.add(name);
    return true;
  }

  /** The two topics are read side by side, so either may come first. */
  #measure({ placedAt, decidedAt }: OrderSeen): void {
    if (placedAt !== undefined && decidedAt !== undefined) this.#latenciesMs.push(decidedAt - placedAt);
  }
}
