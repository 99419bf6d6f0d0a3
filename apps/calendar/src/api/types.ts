/** What the HTTP API answers with, as far as the page uses it. */

export interface Session {
  scope: 'merchant' | 'read-only' | 'operator' | 'storefront';
  /** null: an operator's key, which is for all stores */
  storeId: string | null;
  name: string;
}

export interface Store {
  storeId: string;
  timeZone: string;
  fulfillmentDates: boolean;
  holdMinutes: number;
  showCounts: boolean;
  /** the date now in the store's time zone */
  today: string;
}

export type Inventory = 'off' | 'product' | 'variant';

export interface Variant {
  variantId: string;
  title?: string | null;
}

export interface Product {
  productId: string;
  title: string | null;
  inventory: Inventory;
  /** null: any variant may be ordered */
  variants: Variant[] | null;
  /** of a shop without fulfillment dates */
  cells?: StockCell[];
}

export interface Balances {
  /** what can still be ordered; null = unlimited */
  free: number | null;
  held: number;
  sold: number;
  refunded: number;
  total: number | null;
  /** rises with each of the merchant's changes */
  version: number;
}

/** What is counted: a product or a variant of it, on a date where the shop uses dates. */
export interface Place {
  productId: string;
  variantId: string | null;
  date: string | null;
}

export interface StockCell extends Balances, Place {
  nextReleaseAt?: string | null;
}

export interface CellChange {
  productId: string;
  variantId?: string;
  date?: string;
  quantity?: number | null;
  adjust?: number;
  expected?: number;
}

export interface ChangedCell extends Place {
  result: 'changed' | 'refused';
  before: Balances | null;
  after: Balances | null;
  reason?: string;
  message?: string;
  current?: Balances;
}

export interface ChangeReport {
  changeId: string;
  dryRun: boolean;
  changed: number;
  repeated: number;
  refused: number;
  cells: ChangedCell[];
}

export interface PastChange {
  changeId: string;
  at: string;
  actor: string;
  reason: string | null;
  source: string;
  /** how many numbers it changed */
  keys: number;
  /** the change that undid this one */
  undone: string | null;
  /** the change that this one undoes */
  undoes: string | null;
  /** the first of them */
  cells: (Place & { before: Balances | null; after: Balances | null })[];
}

export interface Warning {
  code: string;
  productId?: string;
  variantId?: string | null;
  /** of what is unlimited: dates that have a number all the same */
  numberedDates?: string[];
  message: string;
}

export interface Calendar {
  from: string;
  to: string;
  today: string;
  products: Product[];
  cells: StockCell[];
}

export interface OrderLine {
  productId: string;
  variantId: string | null;
  fulfillmentDate: string | null;
  quantity: number;
}

export type OrderState = 'unseen' | 'held' | 'paid' | 'refunded' | 'rejected' | 'expired' | 'refused';

export interface OrderSummary {
  orderId: string;
  customerId: string | null;
  state: OrderState;
  version?: number;
  placedAt: string | null;
  expiresAt: string | null;
  lines: OrderLine[];
}

export interface OrderBehind extends OrderSummary {
  /** of the number that was asked about */
  units: number;
}

export interface Transition {
  version: number;
  at: string;
  state: OrderState;
  outcomes: string[];
  cause: { topic: string; eventId: string };
}

export interface Order extends OrderSummary {
  transitions: Transition[];
}

export interface RefundLine {
  productId: string;
  variantId: string | null;
  fulfillmentDate: string | null;
  units: number;
  pastDate: boolean;
  /** of the units, those that can be put back */
  restockable: number;
}

export interface Refund {
  orderId: string;
  customerId: string | null;
  placedAt: string | null;
  lines: RefundLine[];
}

export type Kind = 'held' | 'sold' | 'refunded';

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface ProblemBody {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  requestId?: string;
  errors?: { pointer?: string; field?: string; problem?: string; remedy?: string }[];
  report?: ChangeReport;
}

export interface Touched extends Place {
  /** of a live event: what it said; absent for what this page changed itself */
  outcome?: string;
}

/** One `stock` event of the live stream. */
export interface StockEvent {
  at: string;
  outcome: string;
  orderId?: string;
  deltas: Place[];
}
