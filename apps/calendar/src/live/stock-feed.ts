/**
 * The numbers in view, kept true: loaded as a whole, looked at again in part when live events touch them, and
 * brought up to date at once with what a save answered. Requests go one after the other, so that an older answer
 * never covers a newer one.
 */

import { everything, products as productRoutes, stock as stockRoutes } from '../api/holdfast.js';
import type { ChangedCell, Product, StockCell, Touched } from '../api/types.js';
import { keyOf, stockOf, type Stock } from '../calendar/slots.js';
import { windowOf, type Window } from './touched.js';

export interface FeedView {
  products: readonly Product[];
  stock: Stock;
  /** changed by others since the last look, orders among them */
  fresh: ReadonlySet<string>;
  /** the date in the store's zone when it was last looked at; of a shop with dates */
  today?: string;
  state: 'loading' | 'ready' | 'failed';
  error?: unknown;
}

/** The dates in view; null for a shop without dates. */
export type Span = { from: string; to: string } | null;

const EMPTY: FeedView = { products: [], stock: new Map(), fresh: new Set(), state: 'loading' };

export class StockFeed {
  #view: FeedView = EMPTY;
  #span: Span | undefined;
  #waiting: Touched[] | 'all' | undefined;
  #isRunning = false;
  readonly #watchers = new Set<() => void>();

  constructor(private readonly storeId: string) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly snapshot = (): FeedView => this.#view;

  /** Shows other dates. */
  show(span: Span): void {
    if (this.#span !== undefined && JSON.stringify(span) === JSON.stringify(this.#span)) return;
    this.#span = span;
    // Numbers of other dates are not those of these: none are better than wrong ones.
    this.#set({ ...this.#view, state: 'loading' });
    this.look('all');
  }

  look(touched: readonly Touched[] | 'all'): void {
    if (touched === 'all' || this.#waiting === 'all') this.#waiting = 'all';
    else this.#waiting = [...(this.#waiting ?? []), ...touched];
    if (!this.#isRunning) void this.#run();
  }

  /** What a save has answered is so, whatever was read before. */
  apply(cells: readonly ChangedCell[]): void {
    const stock = new Map(this.#view.stock);
    for (const { productId, variantId, date, after } of cells) {
      if (after) stock.set(keyOf({ productId, variantId, date }), { productId, variantId, date, ...after });
    }
    this.#set({ ...this.#view, stock });
    // An answer that is under way may have been read before the save.
    this.look(cells);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting !== undefined && this.#span !== undefined) {
      const touched = this.#waiting;
      this.#waiting = undefined;
      try {
        if (touched === 'all' || this.#view.state !== 'ready') await this.#loadAll(this.#span);
        else if (this.#span === null) await this.#loadUndated(touched);
        else await this.#loadPart(windowOf(touched, this.#span.from, this.#span.to));
      } catch (error) {
        this.#set({ ...this.#view, state: this.#view.state === 'ready' ? 'ready' : 'failed', error });
      }
    }
    this.#isRunning = false;
  }

  async #loadAll(span: Span): Promise<void> {
    if (span === null) return this.#loadProducts();
    const { products, cells, today } = await stockRoutes.calendar(this.storeId, span.from, span.to);
    // The merchant has gone on to other dates, which are loaded next.
    if (span !== this.#span) return;
    this.#set({ products, stock: stockOf(cells), fresh: this.#freshIn(cells), today, state: 'ready' });
  }

  async #loadPart(part: Window | undefined): Promise<void> {
    if (!part) return;
    const { from, to, productIds } = part;
    const { cells, today } = await stockRoutes.calendar(this.storeId, from, to, productIds);
    const stock = new Map(this.#view.stock);
    for (const cell of cells) stock.set(keyOf(cell), cell);
    this.#set({ ...this.#view, stock, today, fresh: this.#freshIn(cells) });
  }

  async #loadUndated(touched: readonly Touched[]): Promise<void> {
    if (touched.some(({ date }) => date === null)) await this.#loadProducts();
  }

  async #loadProducts(): Promise<void> {
    const products = await everything((cursor) => productRoutes.list(this.storeId, cursor));
    const cells = products.flatMap((product) => product.cells ?? []);
    this.#set({ products, stock: stockOf(cells), fresh: this.#freshIn(cells), state: 'ready' });
  }

  #freshIn(cells: readonly StockCell[]): ReadonlySet<string> {
    if (this.#view.state !== 'ready') return new Set();
    const known = this.#view.stock;
    const differs = (cell: StockCell): boolean => {
      const before = known.get(keyOf(cell));
      if (!before) return cell.held + cell.sold > 0 && known.size > 0;
      return before.free !== cell.free || before.held !== cell.held || before.sold !== cell.sold;
    };
    return new Set(cells.filter(differs).map(keyOf));
  }

  #set(view: FeedView): void {
    this.#view = view;
    for (const watcher of this.#watchers) watcher();
  }
}
