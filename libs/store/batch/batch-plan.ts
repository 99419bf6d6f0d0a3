/**
 * What one batch writes. Built event by event from decisions; nothing here reads.
 */

import { setImmediate } from 'node:timers/promises';
import { encodeTransition } from '@holdfast/contracts';
import {
  orderKey,
  type Cause,
  type Decision,
  type Order,
  type OrderEvent,
  type Transition,
} from '@holdfast/core';
import type { OrderDoc, OrderFactDoc, PackedMessages, PlacedDoc } from '../documents/documents.js';
import { factDoc, headOf, placedDoc } from '../documents/order-documents.js';
import { MessagePacker } from '../outbox/outbox-messages.js';
import type { UpdateStatement } from '../wire/commands.js';

/** An order that the batch touches: what was read of it, and what it has become. */
interface Touched {
  before: OrderDoc | undefined;
  order: Order;
  entries: number;
  placed: PlacedDoc | undefined;
}

/** What the world is to be told, not yet put into words. */
interface Told {
  order: Order;
  transition: Transition;
  cause: Cause;
}

export interface OrderWrites {
  inserts: OrderDoc[];
  updates: UpdateStatement[];
  matches: number;
  facts: OrderFactDoc[];
}

/** Transitions that are put into words before the database's replies are seen to. */
const TOLD_AT_ONCE = 500;

export class BatchPlan {
  readonly #touched = new Map<string, Touched>();
  readonly #facts: OrderFactDoc[] = [];
  readonly #told: Told[] = [];
  readonly #at: Date;
  facts = 0;

  constructor(
    private readonly now: number,
    private readonly read: (orderKey: string) => OrderDoc | undefined,
  ) {
    this.#at = new Date(now);
  }

  /** @param key of the event's order */
  add(event: OrderEvent, decision: Extract<Decision, { kind: 'fact' }>, key = orderKey(event)): void {
    const { order, transition } = decision;
    const touched = this.#touch(key, order);
    touched.order = order;
    touched.entries += 1;
    this.facts += 1;
    if (event.type === 'placed') {
      touched.placed = placedDoc(order, event.cause, touched.entries, this.#at, transition);
    } else {
      this.#facts.push(factDoc(order, event, touched.entries, this.#at, transition));
    }
    if (transition) this.#told.push({ order, transition, cause: event.cause });
  }

  get transitions(): number {
    return this.#told.length;
  }

  /** The messages of all transitions, in order, put into words while the database works. */
  async messages(): Promise<PackedMessages[]> {
    const packer = new MessagePacker();
    for (const [at, { order, transition, cause }] of this.#told.entries()) {
      if (at > 0 && at % TOLD_AT_ONCE === 0) await setImmediate();
      for (const message of encodeTransition(order, transition, cause, this.now)) packer.push(message);
    }
    return packer.packs();
  }

  /** @param sequence that of the batch's outbox document */
  writes(sequence: number): OrderWrites {
    const inserts: OrderDoc[] = [];
    const single: UpdateStatement[] = [];
    const groups = new Map<string, { ids: string[]; before: OrderDoc; head: OrderDoc }>();
    let matches = 0;
    for (const { before, order, entries, placed } of this.#touched.values()) {
      const head = headOf(order, entries, sequence, placed);
      if (!before) {
        inserts.push(head);
        continue;
      }
      matches += 1;
      if (head.due || head.claims || before.claims || !before.placed) {
        single.push(replacement(head));
        continue;
      }
      const same = `${before.version}|${before.entries}|${head.version}|${head.entries}|${head.state}`;
      const group = groups.get(same);
      if (group) group.ids.push(head._id);
      else groups.set(same, { ids: [head._id], before, head });
    }
    const updates = [...groups.values()].map(moveTogether);
    return { inserts, updates: [...updates, ...single], matches, facts: this.#facts };
  }

  #touch(key: string, order: Order): Touched {
    let touched = this.#touched.get(key);
    if (!touched) {
      const before = this.read(key);
      touched = { before, order, entries: before?.entries ?? 0, placed: before?.placed };
      this.#touched.set(key, touched);
    }
    return touched;
  }
}

/** Orders at the same point that went the same way: one statement, however many. */
function moveTogether(group: { ids: string[]; before: OrderDoc; head: OrderDoc }): UpdateStatement {
  const { ids, before, head } = group;
  return {
    q: { _id: { $in: ids.sort() }, version: before.version, entries: before.entries },
    u: {
      $set: { state: head.state, version: head.version, entries: head.entries, seq: head.seq },
      $unset: { due: '' },
    },
    multi: true,
  };
}

/**
 * By its id alone, for which the server makes no plan, and that is half of what a statement for one order costs. It was read
 * in the same snapshot: were it another now, the write would conflict.
 */
function replacement(head: OrderDoc): UpdateStatement {
  return { q: { _id: head._id }, u: { ...head }, multi: false };
}
