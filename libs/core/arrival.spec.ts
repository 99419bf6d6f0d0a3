/** One order placed, paid, rejected and refunded, in every order of arrival: where it ends and what is told. */

import type { OrderEvent } from './index.js';
import { line, paid, placed, refunded, rejected } from './testing/events.js';
import { given, type Then } from './testing/given.js';

const FACTS: Record<string, OrderEvent> = {
  placed: placed([line('mug', 2)]),
  paid: paid('p1'),
  rejected: rejected(),
  refunded: refunded('r1'),
};

function arrivals(names: string[]): string[][] {
  if (names.length === 0) return [[]];
  return names.flatMap((first) =>
    arrivals(names.filter((name) => name !== first)).map((rest) => [first, ...rest]),
  );
}

function endOf(names: string[]): Then {
  return given({}).when(...names.map((name) => FACTS[name] as OrderEvent));
}

const templates = ({ run }: Then): string[] =>
  run.shop.transitions.flatMap((transition) => transition.notification?.template ?? []);

describe('every order of arrival', () => {
  it.each(arrivals(['placed', 'paid']).map((names) => [names.join(', ')]))('%s: sold', (names) => {
    const then = endOf(names.split(', '));
    expect(then).toMatchObject({ state: 'paid', stock: { mug: '8 0 2 0' } });
    expect(templates(then)).toEqual([]);
  });

  it.each(arrivals(['placed', 'paid', 'refunded']).map((names) => [names.join(', ')]))(
    '%s: refunded',
    (names) => {
      const then = endOf(names.split(', '));
      expect(then).toMatchObject({ state: 'refunded', stock: { mug: '8 0 0 2' } });
      expect(templates(then)).toEqual([]);
    },
  );

  it.each(arrivals(['placed', 'rejected']).map((names) => [names.join(', ')]))('%s: told once', (names) => {
    const then = endOf(names.split(', '));
    expect(then).toMatchObject({ state: 'rejected', stock: { mug: '10 0 0 0' } });
    expect(templates(then)).toEqual(['order-rejected']);
  });

  it.each(arrivals(Object.keys(FACTS)).map((names) => [names.join(', ')]))(
    '%s: rejected, told once',
    (names) => {
      const arrived = names.split(', ');
      const then = endOf(arrived);
      expect(then).toMatchObject({ state: 'rejected', stock: { mug: '10 0 0 0' } });
      expect(templates(then).filter((template) => template === 'order-rejected')).toHaveLength(1);
      // Once the order is rejected and paid, and its refund not known yet, the payment has to be asked back.
      const at = (name: string): number => arrived.indexOf(name);
      const waits = Math.max(at('placed'), at('paid'), at('rejected')) < at('refunded');
      const asked = then.run.shop.transitions.flatMap(({ outcomes }) =>
        outcomes.filter(({ outcome }) => outcome === 'RefundRequired'),
      );
      expect(asked).toHaveLength(waits ? 1 : 0);
    },
  );
});
