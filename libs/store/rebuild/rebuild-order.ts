/**
 * One order from its records and from what was published of it. Its life is decided by the same function as ever, but
 * on a stock that gives the answers that were published: what was refused stays refused, what had expired, expired.
 * Pure.
 */

import type { StockOutcome } from '@holdfast/contracts';
import {
  BLANK,
  countingOf,
  decide,
  newOrder,
  orderKey,
  stockKey as keyOf,
  type Cause,
  type Counting,
  type Decision,
  type Order,
  type OrderEvent,
  type PlacedEvent,
  type Settings,
  type View,
} from '@holdfast/core';
import type { OrderDoc, OrderFactDoc, PlacedDoc } from '../documents/documents.js';
import { factDoc, headOf, placedDoc } from '../documents/order-documents.js';
import type { LedgerKeys } from './rebuild-ledger.js';
import { candidates, differenceOf, isCausedBy, linesPutBack, type Published } from './rebuild-published.js';

export interface ReadEvent {
  event: OrderEvent;
  /** the broker's, epoch ms */
  timestamp: number;
}

export interface ReadOutcome {
  /** place in the ledger */
  seq: number;
  message: StockOutcome;
}

export type RebuildFinding =
  /** the record that an outcome came from is not on the broker any more: the order ends before it */
  | 'record-missing'
  /** the record does not lead to what was published */
  | 'differs';

export interface RebuiltOrder {
  /** none: nothing of it is decided yet */
  doc?: OrderDoc;
  facts: OrderFactDoc[];
  /** records that nothing was published of, and that would change something: not decided here */
  undecided: ReadEvent[];
  findings: { kind: RebuildFinding; message: string }[];
  /** what it moved, each outcome once */
  moved: ReadOutcome[];
  transitions: number;
}

const NEVER_REINSTATED: readonly string[] = ['date-required', 'variant-required', 'unknown-variant'];
/** Records of one order that a lane took before others of earlier time: there are hardly ever more than two. */
const MOST_EARLY = 6;
const CONSUMED = ['OrderPlaced', 'PaymentReceived', 'OrderRejected', 'OrderRefunded'];

/**
 * @param events of one order as a lane merges them, copies among them: partition by partition in order, all by the
 *   broker's time. Not sorted here: within a partition times may run backwards, and a lane keeps to the order
 * @param outcomes of the same order, copies among them
 */
export function rebuildOrder(
  events: readonly ReadEvent[],
  outcomes: readonly ReadOutcome[],
  keys: LedgerKeys,
  settings: Settings,
): RebuiltOrder {
  return new OrderRebuild(events, outcomes, keys, settings).run();
}

class OrderRebuild {
  readonly #rebuilt: RebuiltOrder = { facts: [], undecided: [], findings: [], moved: [], transitions: 0 };
  readonly #published: Published[];
  /** in the order in which a lane takes them */
  #pending: ReadEvent[];
  #order: Order;
  #entries = 0;
  #placed: PlacedDoc | undefined;
  /** of the last transition: its place, and its time */
  #seq = -1;
  #at = 0;

  constructor(
    events: readonly ReadEvent[],
    outcomes: readonly ReadOutcome[],
    private readonly keys: LedgerKeys,
    private readonly settings: Settings,
  ) {
    this.#pending = [...events];
    this.#published = this.#transitions(outcomes);
    const [storeId = '', orderId = ''] = (
      events[0]
        ? orderKey(events[0].event)
        : `${outcomes[0]?.message.storeId}/${outcomes[0]?.message.orderId}`
    ).split('/');
    this.#order = newOrder(storeId, orderId);
  }

  run(): RebuiltOrder {
    for (const published of this.#published) {
      this.#raiseClaims(published.seq);
      if (!this.#repeat(published)) return this.#finish(false);
      this.#seq = published.seq;
      this.#rebuilt.transitions += 1;
    }
    this.#raiseClaims(Infinity);
    return this.#finish(true);
  }

  /** @param whole false: it breaks off, and what is left of its records says nothing */
  #finish(whole: boolean): RebuiltOrder {
    if (whole) {
      this.#takeQuiet(this.#pending.length);
      this.#rebuilt.undecided = this.#pending;
    }
    if (this.#entries > 0) {
      this.#rebuilt.doc = headOf(this.#order, this.#entries, this.#at * 1_000, this.#placed);
    }
    return this.#rebuilt;
  }

  /** In the order of versions, each outcome once. */
  #transitions(outcomes: readonly ReadOutcome[]): Published[] {
    const seen = new Set<string>();
    const byVersion = new Map<number, Published>();
    for (const outcome of outcomes) {
      const { seq, message } = outcome;
      if (seen.has(message.outcomeId)) continue;
      seen.add(message.outcomeId);
      this.#rebuilt.moved.push(outcome);
      const { version, cause, occurredAt } = message;
      const known = byVersion.get(version);
      if (known) known.outcomes.push(message);
      else byVersion.set(version, { version, seq, at: new Date(occurredAt), cause, outcomes: [message] });
    }
    return [...byVersion.values()].sort((a, b) => a.version - b.version);
  }

  /** One transition once more. @returns false when it cannot be */
  #repeat(published: Published): boolean {
    const { cause } = published;
    if (cause.topic === 'timer') return this.#expire(published);
    if (!CONSUMED.includes(cause.topic)) return this.#restock(published);
    const place = this.#pending.findIndex(({ event }) => isCausedBy(event, cause));
    const event = this.#pending[place]?.event;
    if (!event) {
      const message = `${cause.topic} ${cause.eventId} is not on the broker any more`;
      return this.#fail('record-missing', published, message);
    }
    this.#takeQuiet(place);
    this.#takeEarly(event, published);
    const at = this.#pending.findIndex((read) => read.event === event);
    const decision = decide(this.#order, event, this.#view(published));
    if (decision.kind === 'fact' && decision.transition?.version === published.version) {
      this.#pending.splice(at, 1);
      this.#keep(event, decision, published);
      return true;
    }
    // Several records may have one event id: this one was known already.
    if (!this.#pending.some((other, later) => later > at && isCausedBy(other.event, cause))) {
      return this.#fail('differs', published, 'its record does not lead to it');
    }
    this.#pending.splice(at, 1);
    return this.#repeat(published);
  }

  #expire(published: Published): boolean {
    const { storeId, orderId, dueAt = 0 } = this.#order;
    const expiresAt = Date.parse(published.outcomes[0]?.expiresAt ?? '');
    const cause: Cause = { topic: 'timer', eventId: published.cause.eventId };
    this.#takeQuietBefore(published);
    if (expiresAt > dueAt) {
      // Extensions are not published; that there was one shows in when it expired.
      const how: Cause = { topic: 'ops', eventId: 'extended-as-the-ledger-shows' };
      const extended: OrderEvent = { type: 'extended', storeId, orderId, dueAt: expiresAt, cause: how };
      const decision = decide(this.#order, extended, this.#view(published));
      if (decision.kind === 'fact') this.#keep(extended, decision, published);
    }
    const event: OrderEvent = { type: 'due', storeId, orderId, watermark: Number.MAX_SAFE_INTEGER, cause };
    return this.#decideOwn(event, published);
  }

  #restock(published: Published): boolean {
    const { storeId, orderId } = this.#order;
    const { topic, eventId } = published.cause;
    this.#takeQuietBefore(published);
    const lines = linesPutBack(this.#order, published.outcomes, this.#view(published));
    const cause: Cause = { topic, eventId };
    return this.#decideOwn(
      { type: 'restocked', storeId, orderId, restockId: eventId, lines, cause },
      published,
    );
  }

  #decideOwn(event: OrderEvent, published: Published): boolean {
    const decision = decide(this.#order, event, this.#view(published));
    if (decision.kind !== 'fact' || decision.transition?.version !== published.version) {
      return this.#fail('differs', published, 'the order does not allow it');
    }
    this.#keep(event, decision, published);
    return true;
  }

  /** Records that a lane had taken by the time of a transition of our own. */
  #takeQuietBefore({ at }: Published): void {
    const later = this.#pending.findIndex(({ timestamp }) => timestamp > at.getTime());
    this.#takeQuiet(later < 0 ? this.#pending.length : later);
  }

  /**
   * A lane merges what has come in by then, so it may have taken records before this one that are later by the broker's
   * time. They show in what was published: takes as many as lead to it, for where one was early, its topic was behind.
   * Where one of them makes no difference to what was published, nothing in the topics tells whether it came before or
   * after (of a payment and a refund that names none, say): the numbers of such facts may then be others than they were.
   */
  #takeEarly(event: OrderEvent, published: Published): void {
    if (this.#leadsTo(this.#order, event, published)) return;
    const others = this.#pending.filter((read) => read.event !== event && !this.#isCauseOfMore(read.event));
    for (const early of subsets(others.slice(0, MOST_EARLY))) {
      const order = this.#afterQuiet(early);
      if (!order || !this.#leadsTo(order, event, published)) continue;
      this.#pending = this.#pending.filter((read) => !early.includes(read));
      for (const read of early) {
        const decision = decide(this.#order, read.event, this.#view());
        if (decision.kind === 'fact') this.#note(read.event, decision, new Date(read.timestamp));
      }
      return;
    }
  }

  #leadsTo(order: Order, event: OrderEvent, published: Published): boolean {
    const decision = decide(order, event, this.#view(published));
    return (
      decision.kind === 'fact' &&
      decision.transition?.version === published.version &&
      differenceOf(decision.transition.outcomes, published.outcomes) === undefined
    );
  }

  /** @returns the order with these facts, unless one of them moves something or is none */
  #afterQuiet(early: readonly ReadEvent[]): Order | undefined {
    let order = this.#order;
    for (const { event } of early) {
      const decision = decide(order, event, this.#view());
      if (decision.kind !== 'fact' || decision.transition) return undefined;
      order = decision.order;
    }
    return order;
  }

  /** Takes facts that moved nothing, of the records before a place; what would move something stays for later. */
  #takeQuiet(before: number): void {
    const kept: ReadEvent[] = [];
    for (const read of this.#pending.slice(0, before)) {
      const { event, timestamp } = read;
      const decision = this.#isCauseOfMore(event) ? undefined : decide(this.#order, event, this.#view());
      if (!decision || (decision.kind === 'fact' && decision.transition)) kept.push(read);
      else if (decision.kind === 'fact') this.#note(event, decision, new Date(timestamp));
    }
    this.#pending = [...kept, ...this.#pending.slice(before)];
  }

  #isCauseOfMore(event: OrderEvent): boolean {
    return this.#published.some(
      ({ version, cause }) => version > this.#order.version && isCausedBy(event, cause),
    );
  }

  #keep(event: OrderEvent, decision: Extract<Decision, { kind: 'fact' }>, published: Published): void {
    if (decision.transition) {
      const difference = differenceOf(decision.transition.outcomes, published.outcomes);
      if (difference !== undefined) this.#complain('differs', published, difference);
      this.#at = published.at.getTime();
    }
    this.#note(event, decision, published.at);
  }

  #note(event: OrderEvent, { order, transition }: Extract<Decision, { kind: 'fact' }>, at: Date): void {
    this.#entries += 1;
    this.#order = order;
    if (event.type === 'placed') this.#placed = placedDoc(order, event.cause, this.#entries, at, transition);
    else this.#rebuilt.facts.push(factDoc(order, event, this.#entries, at, transition));
  }

  /** Claims that a merchant's undo has moved up since the last transition. */
  #raiseClaims(until: number): void {
    const { claims } = this.#order;
    if (!claims?.some(({ refunded }) => refunded > 0)) return;
    const raised = claims.map((claim) => {
      if (claim.refunded === 0) return claim;
      return { ...claim, settlement: this.keys.raised(claim.stockKey, claim.settlement, this.#seq, until) };
    });
    this.#order = { ...this.#order, claims: raised };
  }

  /** A stock that answers as was published; without a transition, one that has plenty. */
  #view(published?: Published): View {
    const short = new Map<string, number>();
    for (const { storeId, shortages = [] } of published?.outcomes ?? []) {
      for (const { productId, variantId, fulfillmentDate, free } of shortages) {
        short.set(keyOf(storeId, productId, variantId, fulfillmentDate), free);
      }
    }
    const seq = published?.seq ?? Infinity;
    return {
      stock: (key) => ({
        ...BLANK,
        free: short.get(key) ?? null,
        settlement: this.keys.settlementAt(key, seq),
      }),
      store: (storeId) => (published ? this.#storeAt(storeId, published) : this.settings.store(storeId)),
      countings: (event) => this.#countings(event, published, short),
    };
  }

  /** The hold time as it was. */
  #storeAt(storeId: string, published: Published): ReturnType<View['store']> {
    const store = this.settings.store(storeId);
    const expiresAt = Date.parse(published.outcomes[0]?.expiresAt ?? '');
    const placed = this.#pending.find(({ event }) => isCausedBy(event, published.cause))?.event;
    if (Number.isNaN(expiresAt) || placed?.type !== 'placed') return store;
    return { ...store, holdMs: expiresAt - Math.min(placed.occurredAt, placed.recordedAt) };
  }

  /** What each line counted against: as the ledger names it, and where it names none, by the settings of now. */
  #countings(event: PlacedEvent, published: Published | undefined, short: Map<string, number>): Counting[] {
    const named = new Set<string>(short.keys());
    let isTaken = false;
    for (const { outcomes } of this.#published) {
      for (const { outcome, deltas } of outcomes) {
        for (const { stockKey } of deltas) named.add(stockKey);
        isTaken ||= outcome === 'Held' || outcome === 'Sold' || outcome === 'Reinstated';
      }
    }
    const { storeId } = event;
    const store = this.settings.store(storeId);
    const bySettings = event.lines.map((line) =>
      countingOf(storeId, line, store, this.settings.product(storeId, line.productId)),
    );
    const countings = event.lines.map((line, at): Counting => {
      const own = bySettings[at] as Counting;
      if ('stockKey' in own && named.has(own.stockKey)) return own;
      const stockKey = candidates(storeId, line).find((key) => named.has(key));
      if (stockKey !== undefined) return { counted: true, stockKey };
      return isTaken || 'refused' in own ? { counted: false } : own;
    });
    const reason = published?.outcomes.find(({ outcome }) => outcome === 'Refused')?.reason;
    if (reason === undefined || !NEVER_REINSTATED.includes(reason)) return countings;
    const refused = { refused: reason } as Counting;
    const at = bySettings.findIndex((counting) => 'refused' in counting && counting.refused === reason);
    return countings.map((counting, place) => (place === Math.max(at, 0) ? refused : counting));
  }

  #fail(kind: RebuildFinding, published: Published, message: string): false {
    this.#complain(kind, published, message);
    return false;
  }

  #complain(kind: RebuildFinding, { outcomes }: Published, message: string): void {
    this.#rebuilt.findings.push({ kind, message: `${outcomes[0]?.outcomeId}: ${message}` });
  }
}

/** In their order, the ones with the most in them first; not the empty one. */
function subsets<T>(all: readonly T[]): T[][] {
  const found: T[][] = [[]];
  for (const one of all) found.push(...found.map((some) => [...some, one]));
  return found.slice(1).sort((a, b) => b.length - a.length);
}
