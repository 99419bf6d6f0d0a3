import { useCallback, useState, type ReactNode } from 'react';
import { orders } from '../api/holdfast.js';
import type { OrderLine, OrderSummary } from '../api/types.js';
import { problemText } from '../api/problem-text.js';
import { strings } from '../strings.js';
import { dayWithWeekday, moment } from '../ui/format.js';
import { useShop } from '../ui/shop.js';
import { useLoaded } from '../ui/use-loaded.js';
import { RejectForm } from './reject-form.js';
import { TimeLeft } from './time-left.js';

interface OrderCardProps {
  order: OrderSummary;
  nameOf: (line: OrderLine) => string;
  /** what is special about it where it is listed, e.g. the units that it has of a number */
  children?: ReactNode;
}

export function OrderCard({ order, nameOf, children }: OrderCardProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="order" data-order={order.orderId}>
      <header>
        <strong>{order.orderId}</strong>
        <span className={`state state-${order.state}`}>{strings.orders.states[order.state]}</span>
        {order.expiresAt !== null && order.state === 'held' && <TimeLeft expiresAt={order.expiresAt} />}
      </header>
      <p className="muted">
        {order.customerId !== null && `${strings.orders.customer(order.customerId)} · `}
        {order.placedAt !== null && moment(order.placedAt)}
      </p>
      <ul className="order-lines">
        {order.lines.map((line) => (
          <li key={`${line.productId}/${line.variantId}/${line.fulfillmentDate}`}>
            <span className="units">{strings.orders.times(line.quantity)}</span> {nameOf(line)}
          </li>
        ))}
      </ul>
      {children}
      <div className="row">
        <button type="button" className="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? strings.orders.hideHistory : strings.orders.history}
        </button>
        <RejectForm order={order} />
      </div>
      {isOpen && <History orderId={order.orderId} version={order.version ?? 0} />}
    </li>
  );
}

/** What happened to the order, step by step. @param version another one is loaded anew */
function History({ orderId, version }: { orderId: string; version: number }) {
  const { store } = useShop();
  const { value, error } = useLoaded(
    useCallback(() => orders.get(store.storeId, orderId), [store.storeId, orderId, version]),
  );
  if (error !== undefined) return <p role="alert">{problemText(error).title}</p>;
  if (!value) return <p className="muted">{strings.loading}</p>;
  return (
    <ol className="history">
      {value.transitions.map(({ version: number, at, outcomes, state }) => (
        <li key={number}>
          <span className="muted">{moment(at)}</span>{' '}
          {outcomes.length > 0
            ? outcomes.map((outcome) => strings.orders.outcome(outcome, state)).join(', ')
            : strings.orders.states[state]}
        </li>
      ))}
    </ol>
  );
}

/** `Stollen, Large, Thu 24 Dec`, with ids where titles are not known. */
export function lineName(titles: ReadonlyMap<string, string>): (line: OrderLine) => string {
  return ({ productId, variantId, fulfillmentDate }) =>
    [
      titles.get(`${productId}/-`) ?? productId,
      ...(variantId === null ? [] : [titles.get(`${productId}/${variantId}`) ?? variantId]),
      ...(fulfillmentDate === null ? [] : [dayWithWeekday(fulfillmentDate)]),
    ].join(', ');
}
