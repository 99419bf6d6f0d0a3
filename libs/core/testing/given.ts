/**
 * Examples in three words: given what happened, when one thing more happens, then this is so. Unless told
 * otherwise the shop counts one product, `mug`, and has 10 of it. Every example is audited on the way, as random
 * lives are (audit.ts).
 */

import {
  stateOf,
  type Decision,
  type MerchantDecision,
  type OrderEvent,
  type OrderState,
  type Outcome,
  type ProductSettings,
  type StoreSettings,
  type Template,
  type Transition,
} from '../index.js';
import { emptyRun, playOn, type Run } from './audit.js';
import { ORDER, STORE } from './events.js';
import type { Step } from './shop.js';

export interface World {
  /** by the words of `key`; instead of `{ mug: 10 }` */
  stock?: Record<string, number | null>;
  /** instead of `mug`, counted as a product */
  products?: Record<string, ProductSettings>;
  store?: Partial<StoreSettings>;
}

/** `key('mug')` is `s1/mug/-/-`, `key('shirt/M')` is `s1/shirt/M/-`, and so on. */
export function key(words: string): string {
  const [productId, variantId = '-', date = '-'] = words.split('/');
  return [STORE, productId, variantId, date].join('/');
}

export function set(words: string, quantity: number | null): Step {
  return { step: 'merchant', stockKey: key(words), change: { type: 'set', quantity } };
}

export function adjust(words: string, by: number): Step {
  return { step: 'merchant', stockKey: key(words), change: { type: 'adjust', by } };
}

export interface Then {
  kind: Decision['kind'] | MerchantDecision['kind'] | undefined;
  state: OrderState;
  version: number;
  /** names of the outcomes of this step */
  outcomes: readonly string[];
  told: Template | undefined;
  /** `free held sold refunded` of each counted key, by the words of `key`; free is `-` when blank */
  stock: Record<string, string>;
  answer: Decision | MerchantDecision | undefined;
  transition: Transition | undefined;
  run: Run;
}

export function given(world: World, ...before: (OrderEvent | Step)[]) {
  const products = world.products ?? { mug: { inventory: 'product' } };
  const stock = world.stock ?? (world.products ? {} : { mug: 10 });
  const steps: Step[] = [
    ...(world.store ? [{ step: 'store' as const, settings: world.store }] : []),
    ...Object.entries(products).map(([productId, settings]) => ({
      step: 'product' as const,
      productId,
      settings,
    })),
    ...Object.entries(stock).map(([words, quantity]) => set(words, quantity)),
    ...before.map(stepOf),
  ];
  return {
    when: (...more: (OrderEvent | Step)[]): Then => {
      const run = playOn(emptyRun(), [...steps, ...more.slice(0, -1).map(stepOf)]);
      const told = run.shop.transitions.length;
      playOn(run, more.slice(-1).map(stepOf));
      const answer = run.answers.at(-1);
      const transition = run.shop.transitions.slice(told).at(-1);
      playOn(run, [{ step: 'commit' }]);
      if (run.problems.length > 0) throw new Error(run.problems.join('\n'));
      return { ...thenOf(run, transition), answer };
    },
  };
}

function stepOf(step: OrderEvent | Step): Step {
  return 'step' in step ? step : { step: 'event', event: step };
}

function thenOf(run: Run, transition: Transition | undefined): Omit<Then, 'answer'> & { kind: Then['kind'] } {
  const order = run.shop.order(ORDER);
  const stock = [...run.model.keys.keys()].map((stockKey) => {
    const { free, held, sold, refunded } = run.shop.stock(stockKey);
    const words = stockKey
      .split('/')
      .slice(1)
      .join('/')
      .replace(/(\/-)+$/, '');
    return [words, [free ?? '-', held, sold, refunded].join(' ')];
  });
  return {
    // the last step is the commit that closes the batch
    kind: run.answers.at(-2)?.kind,
    state: order ? stateOf(order) : 'unseen',
    version: order?.version ?? 0,
    outcomes: (transition?.outcomes ?? []).map((outcome) => outcome.outcome),
    told: transition?.notification?.template,
    stock: Object.fromEntries(stock) as Record<string, string>,
    transition,
    run,
  };
}

/** The one outcome of that name in what a step did. */
export function outcomeOf({ transition }: Then, name: Outcome['outcome']): Outcome {
  const outcome = transition?.outcomes.find((other) => other.outcome === name);
  if (!outcome)
    throw new Error(`no ${name} in ${transition?.outcomes.map((other) => other.outcome).join(', ')}`);
  return outcome;
}

/** A row of a table of examples; `then` names what matters. */
export interface Example {
  title: string;
  world?: World;
  given?: (OrderEvent | Step)[];
  when: OrderEvent | Step;
  then: Partial<Pick<Then, 'kind' | 'state' | 'version' | 'outcomes' | 'told' | 'stock'>>;
}

export function thenOfExample({ world = {}, given: before = [], when }: Omit<Example, 'then'>): Then {
  return given(world, ...before).when(when);
}
