/** The orders behind a number: who holds, who bought, what was refunded and waits to be put back. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { stock } from '../api/holdfast.js';
import { problemText } from '../api/problem-text.js';
import type { Kind, OrderBehind, Page, Place } from '../api/types.js';
import { useLive } from '../live/live.js';
import { strings } from '../strings.js';
import { Sheet } from '../ui/sheet.js';
import { useShop } from '../ui/shop.js';
import { useLoaded } from '../ui/use-loaded.js';
import { keyOf } from '../calendar/slots.js';
import { OrderCard } from './order-card.js';
import './orders.css';
import { PutBackButton } from './put-back-button.js';
import { ofBehind } from './put-back.js';
import { useLineNames } from './use-titles.js';

const KINDS: readonly Kind[] = ['held', 'sold', 'refunded'];
const MOST = 200;

interface BehindDrawerProps {
  place: Place;
  kind: Kind;
  name: string;
  close: () => void;
}

export function BehindDrawer({ place, kind: first, name, close }: BehindDrawerProps) {
  const [kind, setKind] = useState(first);
  return (
    <Sheet title={name} onClose={close}>
      <div className="segments" role="group" aria-label={strings.behind.which}>
        {KINDS.map((one) => (
          <button key={one} type="button" aria-pressed={one === kind} onClick={() => setKind(one)}>
            {strings.behind.kinds[one]}
          </button>
        ))}
      </div>
      <Behind key={kind} place={place} kind={kind} />
    </Sheet>
  );
}

function Behind({ place, kind }: { place: Place; kind: Kind }) {
  const { store } = useShop();
  const { storeId } = store;
  const { value, error, reload } = useLoaded(
    useCallback(() => firstOf(storeId, place, kind), [storeId, place, kind]),
  );
  const nameOf = useLineNames();
  const intro = useRef<HTMLParagraphElement>(null);
  // The order that was just rejected or put back has left the list, and the focus with it.
  useEffect(() => {
    if (value && document.activeElement === document.body) intro.current?.focus();
  }, [value]);
  useLive((touched) => {
    if (touched === 'all' || touched.some((one) => keyOf(one) === keyOf(place))) reload();
  });
  if (error !== undefined) return <p role="alert">{problemText(error).title}</p>;
  if (!value) return <p className="muted">{strings.loading}</p>;
  const { items } = value;
  const back = kind === 'refunded' ? items.map((order) => ofBehind(order, place, store.today)) : [];
  return (
    <div className="behind" aria-live="polite">
      <p className="muted" ref={intro} tabIndex={-1}>
        {items.length === 0 ? strings.behind.none[kind] : strings.behind.explained[kind]}
      </p>
      {back.some(({ pastDate }) => pastDate) && <p className="warn">{strings.refunds.pastDate}</p>}
      {back.length > 1 && <PutBackButton items={back} isAll done={reload} />}
      <ul className="orders">
        {items.map((order) => (
          <OrderCard key={order.orderId} order={order} nameOf={nameOf}>
            {order.lines.length > 1 && (
              <p className="muted">{strings.behind.units(order.units, strings.behind.kinds[kind])}</p>
            )}
            {kind === 'refunded' && (
              <PutBackButton items={[ofBehind(order, place, store.today)]} done={reload} />
            )}
          </OrderCard>
        ))}
      </ul>
      {value.nextCursor !== null && <p className="muted">{strings.behind.more}</p>}
    </div>
  );
}

/** As many as one can look through; the rest is said to be there. */
async function firstOf(storeId: string, place: Place, kind: Kind): Promise<Page<OrderBehind>> {
  const items: OrderBehind[] = [];
  let cursor: string | undefined;
  do {
    const page = await stock.behind(storeId, place, kind, cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < MOST);
  return { items, nextCursor: cursor ?? null };
}
