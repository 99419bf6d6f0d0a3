/** What must be true of every single decision, whatever the facts are. Says what is not, as text. */

import { isZero, type Decision, type Order, type Stock, type StockDelta } from '../index.js';

type Fact = Extract<Decision, { kind: 'fact' }>;

/** `stock` gives each key after the decision; a batch never changes whether a key is blank. */
export function decisionProblems(
  before: Order | undefined,
  decision: Fact,
  stock: (stockKey: string) => Readonly<Stock>,
): string[] {
  const { order, transition, deltas } = decision;
  const problems: string[] = [];
  const was = before?.version ?? 0;
  if (order.version !== was + (transition ? 1 : 0)) problems.push(`version ${was} became ${order.version}`);
  if (transition && transition.version !== order.version) problems.push('transition and order number differ');
  if (transition && transition.outcomes.length === 0) problems.push('a transition without an outcome');
  const told = (transition?.outcomes ?? []).flatMap((outcome) => outcome.deltas);
  // One after the other and complete: each delta stands in exactly one outcome.
  if (JSON.stringify(told) !== JSON.stringify(deltas)) problems.push('deltas are not those of the outcomes');
  for (const delta of deltas) {
    const { free, held, sold, refunded } = delta;
    const blank = stock(delta.stockKey).free === null;
    if (isZero(delta)) problems.push(`${delta.stockKey}: a delta of nothing`);
    if (
      [free, held, sold, refunded].some((figure) => !Number.isSafeInteger(figure) || Object.is(figure, -0))
    ) {
      problems.push(`${delta.stockKey}: not whole numbers`);
    }
    if (blank ? free !== 0 : free + held + sold + refunded !== 0) {
      problems.push(`${delta.stockKey}: ${blank ? 'moves a blank number' : 'is not conserved'}`);
    }
  }
  for (const { stockKey } of deltas) problems.push(...belowZero(stockKey, stock(stockKey)));
  for (const delta of repeatedKeys(transition?.outcomes.map((outcome) => outcome.deltas) ?? [])) {
    problems.push(`${delta}: twice in one outcome`);
  }
  return problems;
}

export function belowZero(stockKey: string, stock: Readonly<Stock>): string[] {
  const lowest = Math.min(stock.free ?? 0, stock.held, stock.sold, stock.refunded);
  if (lowest >= 0) return [];
  const figures = { free: stock.free ?? 0, held: stock.held, sold: stock.sold, refunded: stock.refunded };
  return Object.entries(figures)
    .filter(([, figure]) => figure < 0)
    .map(([name, figure]) => `${stockKey}: ${name} is ${figure}`);
}

function repeatedKeys(outcomes: StockDelta[][]): string[] {
  return outcomes.flatMap((deltas) => {
    const keys = deltas.map((delta) => delta.stockKey);
    return keys.filter((key, at) => keys.indexOf(key) !== at);
  });
}
