/** Plays steps through the core and through the reference model side by side, and says where they differ. */

import { claimsOf, stateOf, type Decision, type MerchantDecision } from '../index.js';
import { Model } from './model.js';
import { belowZero } from './promises.js';
import { Shop, type Step } from './shop.js';

export interface Run {
  shop: Shop;
  model: Model;
  /** the answers to each step, where it has one */
  answers: (Decision | MerchantDecision | undefined)[];
  /** what is wrong, each with the number of the step after which it showed; empty when all is well */
  problems: string[];
}

export function emptyRun(): Run {
  return { shop: new Shop(), model: new Model(), answers: [], problems: [] };
}

/** Plays on. Stops at the first step that is wrong: what follows from it would only hide it. */
export function playOn(run: Run, steps: readonly Step[]): Run {
  for (const step of steps) {
    if (run.problems.length > 0) return run;
    const found = playOne(run, step);
    const at = run.answers.length;
    run.problems.push(...found.map((problem) => `after step ${at} (${step.step}): ${problem}`));
  }
  return run;
}

export function play(steps: readonly Step[]): Run {
  const run = playOn(emptyRun(), steps);
  return playOn(run, [{ step: 'commit' }]);
}

function playOne(run: Run, step: Step): string[] {
  const { shop, model } = run;
  const told = shop.transitions.length;
  const closes = shop.inBatch && step.step !== 'event';
  const answer = shop.play(step);
  const expected = model.play(step);
  run.answers.push(answer);
  const problems = [...shop.problems];
  if (answer && answer.kind !== expected.kind) problems.push(`is ${answer.kind}, not ${expected.kind}`);
  if (step.step === 'event') {
    const transition = shop.transitions.slice(told)[0];
    if (expected.transition && !transition) problems.push('something changed without a transition');
    if (transition?.notification?.template !== expected.told) {
      problems.push(`tells ${transition?.notification?.template}, not ${expected.told}`);
    }
  }
  return [...problems, ...(closes ? everythingDiffers(run) : touchedDiffers(run, step))];
}

/** At the end of each batch. */
function everythingDiffers(run: Run): string[] {
  const { model } = run;
  const orders = [...model.orders.keys()].flatMap((orderId) => orderDiffers(run, orderId));
  return [...orders, ...balancesDiffer(run, model.keys.keys()), ...uncounted(run), ...toldTwice(run)];
}

/** In between: the order in question and its keys, or the key that the merchant changed. */
function touchedDiffers(run: Run, step: Step): string[] {
  if (step.step === 'merchant') return balancesDiffer(run, [step.stockKey]);
  if (step.step !== 'event') return [];
  const { orderId } = step.event;
  const keys = new Set(run.model.orders.get(orderId)?.units.map((unit) => unit.key));
  return [...orderDiffers(run, orderId), ...balancesDiffer(run, keys)];
}

/** Stored state and claims against what the facts say. */
function orderDiffers({ shop, model }: Run, orderId: string): string[] {
  const expected = model.orders.get(orderId);
  const order = shop.order(orderId);
  if (!expected || !order) return [];
  const problems: string[] = [];
  const state = stateOf(order);
  if (state !== expected.state) problems.push(`${orderId} is ${state}, not ${expected.state}`);
  if (order.placed && order.dueAt !== expected.dueAt) problems.push(`${orderId} is due at ${order.dueAt}`);
  const claims = new Map(claimsOf(order).map((claim) => [claim.stockKey, claim]));
  const expectedClaims = model.claims(expected);
  for (const key of new Set([...claims.keys(), ...expectedClaims.keys()])) {
    const claim = claims.get(key);
    const current = claim?.settlement === model.key(key).settlement ? claim.refunded : 0;
    const settled = claim ? claim.refunded + claim.settled - current : 0;
    const is = [claim?.held, claim?.sold, current, settled].join(' ');
    const want = expectedClaims.get(key);
    const should = [want?.held, want?.sold, want?.refunded, want?.settled].join(' ');
    if (is !== should) problems.push(`${orderId} claims ${is} of ${key}, not ${should}`);
  }
  return problems;
}

/** Balances against the sum of the claims, against the model's free, and against the published deltas. */
function balancesDiffer({ shop, model }: Run, keys: Iterable<string>): string[] {
  const problems: string[] = [];
  const balances = model.balances();
  for (const stockKey of keys) {
    const { free, settlement } = model.key(stockKey);
    const stock = shop.stock(stockKey);
    const balance = balances.get(stockKey) ?? { held: 0, sold: 0, refunded: 0 };
    const should = [free, balance.held, balance.sold, balance.refunded, settlement].join(' ');
    const is = [stock.free, stock.held, stock.sold, stock.refunded, stock.settlement].join(' ');
    if (is !== should) problems.push(`${stockKey} is ${is}, not ${should}`);
    problems.push(...belowZero(stockKey, stock));
    const sums = shop.ledger.get(stockKey) ?? { free: 0, held: 0, sold: 0, refunded: 0 };
    const published = [sums.free, sums.held, sums.sold, sums.refunded].join(' ');
    const stands = [stock.free ?? 0, stock.held, stock.sold, stock.refunded].join(' ');
    if (published !== stands) problems.push(`${stockKey}: published sums are ${published}, not ${stands}`);
  }
  return problems;
}

function uncounted({ shop, model }: Run): string[] {
  const strange = [...shop.ledger.keys()].filter((stockKey) => !model.keys.has(stockKey));
  return strange.map((stockKey) => `${stockKey} is not counted, and moved`);
}

const ONCE = ['order-refused', 'order-rejected', 'order-expired', 'order-reinstated'];

/** Each payment is asked back at most once and only when it pays for nothing; news is told once an order. */
function toldTwice({ shop, model }: Run): string[] {
  const problems: string[] = [];
  const asked = new Map<string, string[]>();
  const news = new Set<string>();
  for (const { orderKey, outcomes, notification } of shop.transitions) {
    const payments = outcomes.flatMap((outcome) =>
      outcome.outcome === 'RefundRequired' ? [outcome.paymentId] : [],
    );
    asked.set(orderKey, [...(asked.get(orderKey) ?? []), ...payments.map(String)]);
    if (!notification || !ONCE.includes(notification.template)) continue;
    const id = `${orderKey} ${notification.template}`;
    if (news.has(id)) problems.push(`${id} is told twice`);
    news.add(id);
  }
  for (const [orderId, { askedBack }] of model.orders) {
    const is = (asked.get(`s1/${orderId}`) ?? []).sort().join(' ');
    const should = [...askedBack].sort().join(' ');
    if (is !== should) problems.push(`${orderId} asked back "${is}", not "${should}"`);
  }
  return problems;
}
