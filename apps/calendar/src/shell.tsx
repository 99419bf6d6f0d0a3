import { useCallback, useEffect, useMemo, useState } from 'react';
import { stores } from './api/holdfast.js';
import { problemText } from './api/problem-text.js';
import type { Session, Store } from './api/types.js';
import { CalendarPage } from './calendar/calendar-page.js';
import { LiveProvider } from './live/live.js';
import { OrdersPage } from './orders/orders-page.js';
import { ProductsPage } from './products/products-page.js';
import { SettingsPage } from './settings/settings-page.js';
import { ChooseStore } from './sign-in/choose-store.js';
import { strings } from './strings.js';
import { useNotices } from './ui/notices.js';
import { goTo, parseRoute, useHash, type Route, type View } from './ui/route.js';
import { ShopContext } from './ui/shop.js';
import { TopBar } from './top-bar.js';
import { useLoaded } from './ui/use-loaded.js';

interface ShellProps {
  session: Session;
  signOut: () => void;
}

export function Shell({ session, signOut }: ShellProps) {
  const route = parseRoute(useHash());
  // A store's own key is for that store, whatever the address says.
  const storeId = session.storeId ?? route.storeId;
  if (storeId === null) return <ChooseStore signOut={signOut} />;
  return <ShopShell key={storeId} storeId={storeId} session={session} route={route} signOut={signOut} />;
}

function ShopShell({ storeId, session, route, signOut }: ShellProps & { storeId: string; route: Route }) {
  const loaded = useLoaded(useCallback(() => stores.get(storeId), [storeId]));
  const [changed, update] = useState<Store>();
  const store = changed ?? loaded.value;
  const canWrite = session.scope !== 'read-only';
  const shop = useMemo(() => store && { store, update, canWrite }, [store, canWrite]);
  const view = store ? viewOf(route.view, store) : null;
  const { announce } = useNotices();
  useEffect(() => {
    if (!view) return;
    document.title = `${strings.views[view]} · ${storeId} · ${strings.name}`;
    // Where one is now: nothing else tells those who do not see it that another view has come.
    announce(strings.views[view]);
  }, [view, storeId, announce]);

  if (!shop || !view) {
    if (loaded.error === undefined) return <p className="page-message">{strings.loading}</p>;
    return (
      <div className="page-message" role="alert">
        <p>{problemText(loaded.error).title}</p>
        <button type="button" className="button" onClick={loaded.reload}>
          {strings.tryAgain}
        </button>
        <button
          type="button"
          className="button button-quiet"
          onClick={() =>
            session.storeId === null ? goTo({ storeId: null, view: null, month: null }) : signOut()
          }
        >
          {session.storeId === null ? strings.chooseStore.title : strings.signOut}
        </button>
      </div>
    );
  }
  return (
    <ShopContext value={shop}>
      <LiveProvider storeId={storeId}>
        <a className="skip-link" href="#main" onClick={toMain}>
          {strings.skipToContent}
        </a>
        <TopBar view={view} month={route.month} isOperator={session.storeId === null} signOut={signOut} />
        <main id="main" tabIndex={-1}>
          <CurrentView view={view} month={route.month} />
        </main>
      </LiveProvider>
    </ShopContext>
  );
}

/** The address after `#` says where the page is, so that it cannot name the place to jump to. */
function toMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function viewOf(asked: View | null, store: Store): View {
  const dated = asked === 'calendar' || asked === 'table';
  if (store.fulfillmentDates) return asked ?? 'calendar';
  return asked === null || dated ? 'products' : asked;
}

function CurrentView({ view, month }: { view: View; month: string | null }) {
  if (view === 'calendar' || view === 'table') return <CalendarPage view={view} month={month} />;
  if (view === 'orders') return <OrdersPage />;
  if (view === 'products') return <ProductsPage />;
  return <SettingsPage />;
}
