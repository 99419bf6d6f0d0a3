/** The API's routes that the page uses. */

import { call, query } from './client.js';
import type {
  Calendar,
  CellChange,
  ChangeReport,
  Inventory,
  Kind,
  Order,
  OrderBehind,
  OrderSummary,
  Page,
  PastChange,
  Place,
  Product,
  Refund,
  Session,
  Store,
  Variant,
  Warning,
} from './types.js';

const at = (storeId: string, ...rest: string[]): string =>
  ['/stores', storeId, ...rest]
    .map((part, index) => (index === 0 ? part : encodeURIComponent(part)))
    .join('/');

export const session = {
  get: () => call<Session>('GET', '/session'),
  open: (key: string) => call<Session>('POST', '/session', { body: { key } }),
  close: () => call<void>('DELETE', '/session'),
};

export interface StoreChange {
  timeZone?: string;
  fulfillmentDates?: boolean;
  holdMinutes?: number;
  showCounts?: boolean;
  numbers?: CellChange[];
}

export const stores = {
  list: (cursor?: string) => call<Page<Store>>('GET', `/stores${query({ limit: '200', cursor })}`),
  get: (storeId: string) => call<Store>('GET', at(storeId)),
  change: (storeId: string, change: StoreChange, id: string) =>
    call<{ store: Store; warnings: Warning[]; stock: ChangeReport | null }>('PATCH', at(storeId), {
      body: change,
      id,
    }),
};

export interface ProductChange {
  /** null takes it away */
  title?: string | null;
  inventory: Inventory;
  variants?: Variant[] | null;
  numbers?: CellChange[];
}

export const products = {
  list: (storeId: string, cursor?: string) =>
    call<Page<Product>>('GET', at(storeId, 'products') + query({ limit: '200', cursor })),
  put: (storeId: string, productId: string, change: ProductChange, id: string) =>
    call<{ product: Product; warnings: Warning[]; stock: ChangeReport | null }>(
      'PUT',
      at(storeId, 'products', productId),
      { body: change, id },
    ),
};

export const stock = {
  calendar: (storeId: string, from: string, to: string, productIds: readonly string[] = []) =>
    call<Calendar>('GET', at(storeId, 'calendar') + query({ from, to, productId: productIds })),
  change: (storeId: string, cells: CellChange[], changeId: string) =>
    call<ChangeReport>('POST', at(storeId, 'stock', 'changes'), { body: { changeId, cells } }),
  undo: (storeId: string, changeId: string, id: string) =>
    call<ChangeReport>('POST', at(storeId, 'stock', 'changes', changeId, 'undo'), { body: {}, id }),
  changes: (storeId: string, limit: number) =>
    call<Page<PastChange>>('GET', at(storeId, 'stock', 'changes') + query({ limit: String(limit) })),
  behind: (storeId: string, { productId, variantId, date }: Place, kind: Kind, cursor?: string) =>
    call<Page<OrderBehind>>(
      'GET',
      at(storeId, 'stock', 'orders') + query({ productId, variantId, date, kind, cursor }),
    ),
};

export interface RestockLine {
  productId: string;
  variantId?: string;
  fulfillmentDate?: string;
  quantity: number;
}

export const orders = {
  completed: (storeId: string, states: readonly string[], cursor?: string) =>
    call<Page<OrderSummary>>(
      'GET',
      at(storeId, 'orders') + query({ state: states.length ? states.join(',') : undefined, cursor }),
    ),
  holds: (storeId: string, cursor?: string) =>
    call<Page<OrderSummary>>('GET', at(storeId, 'holds') + query({ cursor })),
  get: (storeId: string, orderId: string) => call<Order>('GET', at(storeId, 'orders', orderId)),
  reject: (storeId: string, orderId: string, reason: string, id: string) =>
    call<{ eventId: string }>('POST', at(storeId, 'orders', orderId, 'reject'), {
      body: reason === '' ? {} : { reason },
      id,
    }),
  restock: (storeId: string, orderId: string, lines: RestockLine[], id: string) =>
    call<{ warnings: Warning[] }>('POST', at(storeId, 'orders', orderId, 'restock'), { body: { lines }, id }),
  refunds: (storeId: string, cursor?: string) =>
    call<Page<Refund>>('GET', at(storeId, 'refunds') + query({ cursor })),
};

/** Every page of a list, as far as a shop's settings go. */
export async function everything<Item>(
  list: (cursor?: string) => Promise<Page<Item>>,
  most = 5_000,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return items;
}
