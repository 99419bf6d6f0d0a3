import { useCallback } from 'react';
import { orders } from '../api/holdfast.js';
import { problemText } from '../api/problem-text.js';
import type { OrderLine } from '../api/types.js';
import { useLive } from '../live/live.js';
import { strings } from '../strings.js';
import { useKeptFocus } from '../ui/focus.js';
import { useShop } from '../ui/shop.js';
import { ofRefund } from './put-back.js';
import { PutBackButton } from './put-back-button.js';
import { useList } from './use-list.js';

/** Refunded units are not for sale again until the merchant puts them back. */
export function RefundsWaiting({ nameOf }: { nameOf: (line: OrderLine) => string }) {
  const { store } = useShop();
  const { storeId } = store;
  const { items, error, hasMore, more, reload } = useList(
    useCallback((cursor?: string) => orders.refunds(storeId, cursor), [storeId]),
  );
  useLive(reload);
  useKeptFocus(items?.length ?? 0, '#refunds-title');
  if (error !== undefined) return <p role="alert">{problemText(error).title}</p>;
  if (!items || items.length === 0) return null;
  const back = items.map(ofRefund);
  return (
    <section aria-labelledby="refunds-title" className="refunds">
      <div className="section-head">
        <h2 id="refunds-title" tabIndex={-1}>
          {strings.refunds.title}
        </h2>
        {back.length > 1 && <PutBackButton items={back} isAll done={reload} />}
      </div>
      <p className="muted">{strings.refunds.explained}</p>
      <ul className="orders">
        {items.map((refund, at) => (
          <li key={refund.orderId} className="order" data-order={refund.orderId}>
            <header>
              <strong>{refund.orderId}</strong>
              {refund.customerId !== null && (
                <span className="muted">{strings.orders.customer(refund.customerId)}</span>
              )}
            </header>
            <ul className="order-lines">
              {refund.lines.map((line) => (
                <li key={`${line.productId}/${line.variantId}/${line.fulfillmentDate}`}>
                  <span className="units">{strings.orders.times(line.units)}</span>{' '}
                  {nameOf({ ...line, quantity: line.units })}
                  {line.pastDate && <span className="warn"> {strings.refunds.past}</span>}
                </li>
              ))}
            </ul>
            {back[at]?.pastDate && <p className="warn">{strings.refunds.pastDate}</p>}
            <PutBackButton items={back.slice(at, at + 1)} done={reload} />
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" className="button" onClick={more}>
          {strings.orders.showMore}
        </button>
      )}
    </section>
  );
}
