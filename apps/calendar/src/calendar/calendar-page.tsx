/** The calendar: a month of days or a table of it, with the numbers of the dates in view, live. */

import { useCallback, useMemo, useState } from 'react';
import { problemText } from '../api/problem-text.js';
import type { Drafts } from '../grid/drafts.js';
import { TableView } from '../grid/table-view.js';
import { useStock, type StockInView } from '../live/use-stock.js';
import { BehindDrawer } from '../orders/behind-drawer.js';
import { strings } from '../strings.js';
import { goTo, hrefOf } from '../ui/route.js';
import { useShop } from '../ui/shop.js';
import './calendar.css';
import { monthOf, monthWeeks } from './dates.js';
import { FreshNews } from './fresh-news.js';
import type { Behind } from './scene.js';
import { MonthBar } from './month-bar.js';
import { MonthView } from './month-view.js';
import { NOTHING } from './selection.js';
import { slotsOf } from './slots.js';
import { nameIn } from './names.js';

export function CalendarPage({ view, month: asked }: { view: 'calendar' | 'table'; month: string | null }) {
  const { store } = useShop();
  const month = asked ?? monthOf(store.today);
  const weeks = useMemo(() => monthWeeks(month), [month]);
  const [first, last] = [weeks[0]?.[0] ?? '', weeks.at(-1)?.at(-1) ?? ''];
  const inView = useStock(store.storeId, { from: first, to: last });
  const { products, stock } = inView;
  // A page that stays open over midnight.
  const today = inView.today ?? store.today;
  const slots = useMemo(() => slotsOf(products, stock.values()), [products, stock]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => slots.filter(({ productId }) => !hidden.has(productId)), [slots, hidden]);
  const [selection, setSelection] = useState(NOTHING);
  const [drafts, setDrafts] = useState<Drafts>(new Map());
  const [isSeveral, setSeveral] = useState(false);
  const [behind, setBehind] = useState<Behind>();
  const nameOf = useMemo(() => nameIn(slots, today), [slots, today]);
  const go = useCallback(
    (to: string, toView = view) => goTo({ storeId: store.storeId, view: toView, month: to }),
    [store.storeId, view],
  );

  const scene = { month, weeks, today, inView, slots: shown, nameOf };
  return (
    <div className="calendar-page">
      <MonthBar
        view={view}
        month={month}
        today={today}
        go={go}
        slots={slots}
        hidden={hidden}
        setHidden={setHidden}
        several={{ isOn: isSeveral, set: setSeveral }}
      />
      <Banner inView={inView} month={asked} isEmpty={slots.length === 0} />
      {view === 'calendar' ? (
        <MonthView
          scene={scene}
          selection={selection}
          setSelection={setSelection}
          isSeveral={isSeveral}
          goToMonth={go}
          openBehind={setBehind}
        />
      ) : (
        <TableView scene={scene} drafts={drafts} setDrafts={setDrafts} openBehind={setBehind} />
      )}
      <FreshNews inView={inView} nameOf={nameOf} />
      {behind && (
        <BehindDrawer
          place={behind.place}
          kind={behind.kind}
          name={nameOf(behind.place)}
          close={() => setBehind(undefined)}
        />
      )}
    </div>
  );
}

/** Why there are no numbers, and what to do about it. */
function Banner({ inView, month, isEmpty }: { inView: StockInView; month: string | null; isEmpty: boolean }) {
  const { store } = useShop();
  const { state, error, feed } = inView;
  if (state === 'failed') {
    return (
      <div className="banner" role="alert">
        <p>{problemText(error).title}</p>
        <button type="button" className="button" onClick={() => feed.look('all')}>
          {strings.tryAgain}
        </button>
      </div>
    );
  }
  if (state === 'loading') {
    return (
      <p className="loading-late" role="status">
        {strings.loading}
      </p>
    );
  }
  if (!isEmpty) return null;
  return (
    <div className="banner">
      <p>{strings.calendar.noProducts}</p>
      <a className="button" href={hrefOf({ storeId: store.storeId, view: 'products', month })}>
        {strings.calendar.toProducts}
      </a>
    </div>
  );
}
