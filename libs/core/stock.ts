/** The balances of one stock key, and changes of them. All figures are whole units. */

export interface Stock {
  /** units that can still be ordered; `null` = unlimited (blank) */
  free: number | null;
  /** units of orders waiting for payment */
  held: number;
  /** units of paid orders */
  sold: number;
  /** units refunded and not put back */
  refunded: number;
  /** how often the merchant has settled the key; see claim.ts */
  settlement: number;
  /** how often the merchant has changed the key */
  version: number;
}

/** What a transition moves at one key. `free` is 0 while the key is blank. */
export interface StockDelta {
  stockKey: string;
  free: number;
  held: number;
  sold: number;
  refunded: number;
}

/** A key that nobody has set or ordered yet: unlimited. */
export const BLANK: Readonly<Stock> = Object.freeze({
  free: null,
  held: 0,
  sold: 0,
  refunded: 0,
  settlement: 0,
  version: 0,
});

/** Adds a delta in place. A blank key stays blank: nothing is taken from "unlimited". */
export function addDelta(stock: Stock, delta: StockDelta): void {
  if (stock.free !== null) stock.free += delta.free;
  stock.held += delta.held;
  stock.sold += delta.sold;
  stock.refunded += delta.refunded;
}

export function isZero(delta: StockDelta): boolean {
  return delta.free === 0 && delta.held === 0 && delta.sold === 0 && delta.refunded === 0;
}
