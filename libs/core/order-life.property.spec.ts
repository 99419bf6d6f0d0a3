/**
 * The order's life under random events, compared step by step with the reference model in testing/: states and
 * claims are what the facts say, `free` is never below 0, balances are the sums of the claims and of the
 * published deltas, each payment is asked back at most once, and so on. testing/audit.ts and promises.ts list it.
 *
 * HOLDFAST_PROPERTY_RUNS   runs in all (12,000 unless set)
 * HOLDFAST_PROPERTY_SEED   replays a failure: the seed that it printed
 * HOLDFAST_PROPERTY_PATH   with the seed, and `-t` for the one test: straight to the shrunk case that it printed
 */

import fc from 'fast-check';

import { ampleLife, refundedLife, scarceLife, type AmpleLife } from './testing/arbitraries.js';
import { play, type Run } from './testing/audit.js';
import type { Step } from './testing/shop.js';

const { HOLDFAST_PROPERTY_RUNS, HOLDFAST_PROPERTY_SEED, HOLDFAST_PROPERTY_PATH } = process.env;
const runs = Number(HOLDFAST_PROPERTY_RUNS ?? 12_000);

function parameters(share: number): Pick<fc.Parameters, 'numRuns' | 'seed' | 'path'> {
  return {
    numRuns: Math.ceil(runs * share),
    ...(HOLDFAST_PROPERTY_SEED !== undefined && { seed: Number(HOLDFAST_PROPERTY_SEED) }),
    ...(HOLDFAST_PROPERTY_PATH !== undefined && { path: HOLDFAST_PROPERTY_PATH }),
  };
}

/** A stop is for runs without end, not a time that a test must reach. */
const stopMs = 60_000 + runs * 20;

describe('with scarce stock', () => {
  it(
    'keeps every promise while holds fall due, the merchant changes numbers and settings, and events repeat',
    () => {
      fc.assert(
        fc.property(scarceLife, (steps) => {
          expect(play(steps).problems).toEqual([]);
        }),
        parameters(0.5),
      );
    },
    stopMs,
  );

  it(
    'keeps every promise while refunds, restocks and settlements of the same keys cross each other',
    () => {
      fc.assert(
        fc.property(refundedLife, (steps) => {
          expect(play(steps).problems).toEqual([]);
        }),
        parameters(0.25),
      );
    },
    stopMs,
  );
});

/** What may not depend on how events arrived: states, claims and balances. */
function endOf({ shop, model }: Run): string {
  const orders = [...model.orders].map(([id, order]) => [id, order.state, [...model.claims(order)].sort()]);
  const keys = [...model.keys.keys()].map((key) => [key, shop.stock(key)]);
  return JSON.stringify([orders.sort(), keys.sort()], undefined, 1);
}

/**
 * The same facts once each, order by order: first it is placed, then paid. Payments stay in the order of their
 * first arrival, for which of them counts is the one thing that may depend on it.
 */
function inGoodOrder({ settings, arrived }: AmpleLife): Step[] {
  const rank = ['placed', 'paid', 'refunded', 'rejected'];
  const seen = new Set<string>();
  const facts = arrived.flatMap((step) => {
    if (step.step !== 'event') return [];
    const id = `${step.event.orderId} ${step.event.cause.eventId}`;
    return seen.has(id) ? [] : (seen.add(id), [step]);
  });
  facts.sort((a, b) => {
    const byOrder = a.event.orderId.localeCompare(b.event.orderId);
    return byOrder || rank.indexOf(a.event.type) - rank.indexOf(b.event.type);
  });
  return [...settings, ...facts];
}

describe('where stock suffices and nothing falls due', () => {
  it(
    'ends the same for any order of arrival, any repetition and any split into batches',
    () => {
      fc.assert(
        fc.property(ampleLife, (life) => {
          const run = play([...life.settings, ...life.arrived]);
          expect(run.problems).toEqual([]);
          expect(endOf(run)).toBe(endOf(play(inGoodOrder(life))));
        }),
        parameters(0.25),
      );
    },
    stopMs,
  );
});
