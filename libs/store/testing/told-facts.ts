/**
 * An order's facts in the order that the topics tell. Facts that moved something are numbered by what was published of
 * them. Of one that moved nothing only its place in its own partition is known: whether a lane took it before or after
 * the facts of other topics was a matter of what had been fetched by then, which no topic says and nothing depends on:
 * a payment and a refund that names none, then the placing, end as that refund, the placing, and then the payment do.
 * So such a fact's number among the others is left out here, and nothing else: that it is there, what it says, its
 * order within its partition and which payment was the first stay. Pure.
 */

import type { OrderDoc, OrderFactDoc, PlacedDoc } from '../documents/documents.js';

export interface ToldFacts {
  /** those that moved something, as they came */
  moved: unknown[];
  /** those that moved nothing, as they came, by `topic/partition` */
  quiet: Record<string, unknown[]>;
  payingPayment: string | undefined;
  /** the placing and facts that are numbered wrongly: twice, or beyond the order's entries */
  misnumbered: number;
}

/** @param facts the order's, in any order; when each was decided is left out */
export function toldFacts({ _id, entries, placed }: OrderDoc, facts: readonly OrderFactDoc[]): ToldFacts {
  const told: ToldFacts = { moved: [], quiet: {}, payingPayment: undefined, misnumbered: 0 };
  const numbered: [number, PlacedDoc | OrderFactDoc][] = facts.map((fact) => [
    Number(fact._id.slice(_id.length + 1)),
    fact,
  ]);
  if (placed) numbered.push([placed.entry, placed]);
  numbered.sort(([a], [b]) => a - b);
  for (const [at, [entry, fact]] of numbered.entries()) {
    if (entry !== at + 1) told.misnumbered += 1;
    const { topic, partition } = fact.cause;
    if (fact.version === undefined) (told.quiet[`${topic}/${partition ?? ''}`] ??= []).push(contentOf(fact));
    else told.moved.push(contentOf(fact));
    if ('fact' in fact && fact.fact === 'paid') told.payingPayment ??= fact.paymentId;
  }
  told.misnumbered += Math.abs(entries - numbered.length);
  return told;
}

function contentOf(fact: PlacedDoc | OrderFactDoc): unknown {
  if ('fact' in fact) {
    const { _id: _, at: __, ...content } = fact;
    return content;
  }
  const { entry: _, at: __, ...content } = fact;
  return content;
}
