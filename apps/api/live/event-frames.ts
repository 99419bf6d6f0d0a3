/** Server-sent events as text: what a StockOutcome tells the page, and where in the topic it stood. */

import type { StockOutcome } from '@holdfast/contracts';
import { parseStockKey } from '@holdfast/core';

export interface LiveChange {
  /** ISO 8601: when it was decided */
  at: string;
  outcome: StockOutcome['outcome'];
  orderId?: string;
  cause: StockOutcome['cause'];
  deltas: { stockKey: string; productId: string; variantId: string | null; date: string | null }[];
}

/** Where a reader stands: opaque to it. */
export interface Place {
  partition: number;
  /** of the last record that it has seen */
  offset: number;
}

export const HEARTBEAT = ': heartbeat\n\n';

export function placeText({ partition, offset }: Place): string {
  return `${partition}-${offset}`;
}

/** @returns undefined when the text is no id of ours */
export function placeIn(text: string): Place | undefined {
  const [, partition, offset] = /^(\d{1,6})-(-1|\d{1,15})$/.exec(text) ?? [];
  return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) };
}

export function stockFrame(place: Place, outcome: StockOutcome): string {
  const change: LiveChange = {
    at: outcome.occurredAt,
    outcome: outcome.outcome,
    ...(outcome.orderId !== undefined && { orderId: outcome.orderId }),
    cause: outcome.cause,
    deltas: outcome.deltas.map(({ stockKey }) => {
      const { productId, variantId = null, fulfillmentDate = null } = parseStockKey(stockKey);
      return { stockKey, productId, variantId, date: fulfillmentDate };
    }),
  };
  return `event: stock\nid: ${placeText(place)}\ndata: ${JSON.stringify(change)}\n\n`;
}

/** Says that something may have been missed: everything is to be loaded anew. */
export function resetFrame(place: Place | undefined): string {
  return `event: reset\n${idLine(place)}data: {}\n\n`;
}

/** The first lines of a stream: how soon to come back, and the id to come back with before any event. */
export function openingFrame(place: Place | undefined, retryMs: number): string {
  return `retry: ${retryMs}\n${idLine(place)}\n`;
}

function idLine(place: Place | undefined): string {
  return place ? `id: ${placeText(place)}\n` : '';
}
