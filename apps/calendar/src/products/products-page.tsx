/** Products with their inventory toggles; in a shop without fulfillment dates also their numbers. */

import { useMemo, useState } from 'react';
import { problemText } from '../api/problem-text.js';
import type { Product } from '../api/types.js';
import type { Behind } from '../calendar/scene.js';
import { nameIn } from '../calendar/names.js';
import type { Scene } from '../calendar/scene.js';
import { FreshNews } from '../calendar/fresh-news.js';
import { RecentChanges } from '../calendar/recent-changes.js';
import { slotsOf } from '../calendar/slots.js';
import { useSave } from '../calendar/use-save.js';
import { useStock } from '../live/use-stock.js';
import { BehindDrawer } from '../orders/behind-drawer.js';
import { strings } from '../strings.js';
import { Icon } from '../ui/icon.js';
import { useShop } from '../ui/shop.js';
import '../calendar/calendar.css';
import './products.css';
import { ProductCard } from './product-card.js';
import { ProductForm } from './product-form.js';
import { UndatedNumbers } from './undated-numbers.js';

const FILTER_FROM = 10;

export function ProductsPage() {
  const { store, canWrite } = useShop();
  const inView = useStock(store.storeId, null);
  const { products, stock, state, error, feed } = inView;
  const [editing, setEditing] = useState<Product | 'new'>();
  const [behind, setBehind] = useState<Behind>();
  const [filter, setFilter] = useState('');
  const slots = useMemo(() => slotsOf(products, stock.values()), [products, stock]);
  const nameOf = useMemo(() => nameIn(slots, store.today), [slots, store.today]);
  const saving = useSave({ feed, nameOf });
  const scene: Scene = { month: '', weeks: [], today: store.today, inView, slots, nameOf };
  const wanted = filter.trim().toLowerCase();
  const shown = products.filter(({ productId, title }) =>
    `${productId} ${title ?? ''}`.toLowerCase().includes(wanted),
  );
  return (
    <div className="products-page">
      <div className="section-head">
        <h1>{strings.views.products}</h1>
        {products.length > FILTER_FROM && (
          <input
            type="search"
            value={filter}
            aria-label={strings.products.filter}
            placeholder={strings.products.filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
        {canWrite && (
          <button type="button" className="button" onClick={() => setEditing('new')}>
            <Icon name="plus" /> {strings.products.add}
          </button>
        )}
      </div>
      {state === 'failed' && <p role="alert">{problemText(error).title}</p>}
      {state === 'loading' && <p className="muted">{strings.loading}</p>}
      {state === 'ready' && products.length === 0 && <p className="empty">{strings.products.none}</p>}
      <ul className="products">
        {shown.map((product) => (
          <ProductCard key={product.productId} product={product} edit={() => setEditing(product)}>
            {!store.fulfillmentDates && (
              <UndatedNumbers product={product} scene={scene} saving={saving} openBehind={setBehind} />
            )}
          </ProductCard>
        ))}
      </ul>
      {!store.fulfillmentDates && <RecentChanges nameOf={nameOf} undo={saving.undo} />}
      <FreshNews inView={inView} nameOf={nameOf} />
      {editing !== undefined && (
        <ProductForm
          product={editing === 'new' ? undefined : editing}
          taken={new Set(products.map(({ productId }) => productId))}
          close={() => setEditing(undefined)}
          saved={() => {
            setEditing(undefined);
            feed.look('all');
          }}
        />
      )}
      {behind && <BehindDrawer {...behind} name={nameOf(behind.place)} close={() => setBehind(undefined)} />}
      {saving.dialog}
    </div>
  );
}
