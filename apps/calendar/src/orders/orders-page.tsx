/** Holds, refunds that wait to be put back, and completed orders: each apart. */

import { useCallback, useState } from 'react';
import { orders } from '../api/holdfast.js';
import { problemText } from '../api/problem-text.js';
import type { OrderState, OrderSummary } from '../api/types.js';
import { useLive } from '../live/live.js';
import { strings } from '../strings.js';
import { useKeptFocus } from '../ui/focus.js';
import { useShop } from '../ui/shop.js';
import { OrderCard } from './order-card.js';
import './orders.css';
import { RefundsWaiting } from './refunds-waiting.js';
import { useList } from './use-list.js';
import { useLineNames } from './use-titles.js';

const COMPLETED: readonly OrderState[] = ['paid', 'refunded', 'rejected', 'expired', 'refused'];

export function OrdersPage() {
  const { store } = useShop();
  const { storeId } = store;
  const [state, setState] = useState<OrderState>();
  const nameOf = useLineNames();
  const holds = useList(useCallback((cursor?: string) => orders.holds(storeId, cursor), [storeId]));
  const completed = useList(
    useCallback(
      (cursor?: string) => orders.completed(storeId, state ? [state] : [], cursor),
      [storeId, state],
    ),
  );
  useLive(() => {
    holds.reload();
    completed.reload();
  });
  useKeptFocus(holds.items?.length ?? 0, '#holds-title');
  return (
    <div className="orders-page">
      <h1 className="visually-hidden">{strings.views.orders}</h1>
      <section aria-labelledby="holds-title">
        <h2 id="holds-title" tabIndex={-1}>
          {strings.orders.holds}
        </h2>
        <p className="muted">{strings.orders.holdsExplained(store.holdMinutes)}</p>
        <OrderList list={holds} nameOf={nameOf} none={strings.orders.noHolds} />
      </section>
      <RefundsWaiting nameOf={nameOf} />
      <section aria-labelledby="completed-title">
        <div className="section-head">
          <h2 id="completed-title">{strings.orders.completed}</h2>
          <label>
            <span className="visually-hidden">{strings.orders.filter}</span>
            <select
              value={state ?? ''}
              onChange={(event) => setState(COMPLETED.find((one) => one === event.target.value))}
            >
              <option value="">{strings.orders.all}</option>
              {COMPLETED.map((one) => (
                <option key={one} value={one}>
                  {strings.orders.states[one]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <OrderList list={completed} nameOf={nameOf} none={strings.orders.none} />
      </section>
    </div>
  );
}

interface OrderListProps {
  list: ReturnType<typeof useList<OrderSummary>>;
  nameOf: Parameters<typeof OrderCard>[0]['nameOf'];
  none: string;
}

function OrderList({ list: { items, error, hasMore, more }, nameOf, none }: OrderListProps) {
  if (error !== undefined) return <p role="alert">{problemText(error).title}</p>;
  if (!items) return <p className="muted">{strings.loading}</p>;
  if (items.length === 0) return <p className="empty">{none}</p>;
  return (
    <>
      <ul className="orders">
        {items.map((order) => (
          <OrderCard key={order.orderId} order={order} nameOf={nameOf} />
        ))}
      </ul>
      {hasMore && (
        <button type="button" className="button" onClick={more}>
          {strings.orders.showMore}
        </button>
      )}
    </>
  );
}
