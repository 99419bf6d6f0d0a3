/**
 * From lines to invoices. An invoice is an order; one whose number starts with `C` is a cancellation. Lines that
 * cannot be used are named with their number and left out; the rest of their invoice counts.
 */

import { DateTime } from 'luxon';
import { isId, MAX_LINE_QUANTITY, MAX_LINES } from '@holdfast/contracts';
import type { CsvLine } from './csv-lines.js';

export const LINE_FAULTS = {
  'no-invoice': 'it has no invoice number, or one that is no id',
  'no-product': 'it has no stock code, or one that is no id',
  'not-goods': 'it is not goods (postage, fees, discounts and the like)',
  'bad-quantity': 'its quantity is not a whole number that an order may have',
  'not-positive': 'its quantity is zero or negative, and its invoice is no cancellation',
  'not-negative': 'its quantity is zero or positive, and its invoice is a cancellation',
  'bad-date': 'its date is not a time of that zone, as YYYY-MM-DD hh:mm:ss',
  'invoice-too-long': 'its invoice has more products than an order may have lines',
  'no-order-to-refund': 'no earlier order in the file bought so many of it that are not cancelled yet',
} as const;
export type LineFault = keyof typeof LINE_FAULTS;

export interface UnusableLine {
  line: number;
  invoice: string;
  fault: LineFault;
  /** what stands there */
  detail: string;
}

export interface Goods {
  productId: string;
  quantity: number;
  /** where in the file it stands */
  lines: number[];
}

export interface Invoice {
  id: string;
  kind: 'order' | 'cancellation';
  /** epoch ms, of its first line with a date */
  at: number;
  firstLine: number;
  lastLine: number;
  /** lines in the file, the unusable ones too */
  lines: number;
  /** usable ones, one for each product */
  goods: Goods[];
}

export type InvoiceFault = 'no-usable-line' | 'too-many-products';

export interface UnusableInvoice {
  invoice: string;
  fault: InvoiceFault;
  firstLine: number;
  lastLine: number;
  detail: string;
}

/** Codes in the data that are not goods; upper case. */
export const NOT_GOODS = [
  'POST',
  'DOT',
  'C2',
  'M',
  'D',
  'S',
  'B',
  'AMAZONFEE',
  'BANK CHARGES',
  'CRUK',
  'PADS',
];

export interface ReadOptions {
  /** IANA zone of the dates */
  timeZone: string;
  notGoods: readonly string[];
}

export interface Reading {
  lines: number;
  /** in the order of the file */
  orders: Invoice[];
  cancellations: Invoice[];
  unusableLines: UnusableLine[];
  unusableInvoices: UnusableInvoice[];
}

export class InvoiceReader {
  readonly #invoices = new Map<string, Invoice>();
  readonly #unusable: UnusableLine[] = [];
  readonly #notGoods: ReadonlySet<string>;
  readonly #times = new Map<string, number>();
  #lines = 0;

  constructor(private readonly options: ReadOptions) {
    this.#notGoods = new Set(options.notGoods.map((code) => code.toUpperCase()));
  }

  add(row: CsvLine): void {
    this.#lines += 1;
    const refuse = (fault: LineFault, detail: string): void =>
      void this.#unusable.push({ line: row.line, invoice: row.invoice, fault, detail });
    if (!isId(row.invoice)) return refuse('no-invoice', row.invoice);
    const invoice = this.#invoice(row);
    // The data writes some codes both ways; in capitals they are one product.
    const productId = row.product.toUpperCase();
    if (this.#notGoods.has(productId)) return refuse('not-goods', row.product);
    if (!isId(productId)) return refuse('no-product', row.product);
    const units = /^-?\d{1,9}$/.test(row.quantity) ? Number(row.quantity) : NaN;
    if (!(Math.abs(units) <= MAX_LINE_QUANTITY)) return refuse('bad-quantity', row.quantity);
    const quantity = invoice.kind === 'order' ? units : -units;
    if (quantity <= 0)
      return refuse(invoice.kind === 'order' ? 'not-positive' : 'not-negative', row.quantity);
    const at = this.#timeOf(row.date);
    if (Number.isNaN(at)) return refuse('bad-date', row.date);
    if (Number.isNaN(invoice.at)) invoice.at = at;
    const same = invoice.goods.find((goods) => goods.productId === productId);
    if (!same) invoice.goods.push({ productId, quantity, lines: [row.line] });
    else if (same.quantity + quantity > MAX_LINE_QUANTITY) refuse('bad-quantity', row.quantity);
    else {
      same.quantity += quantity;
      same.lines.push(row.line);
    }
  }

  finish(): Reading {
    const orders: Invoice[] = [];
    const cancellations: Invoice[] = [];
    const unusableInvoices: UnusableInvoice[] = [];
    for (const invoice of this.#invoices.values()) {
      const fault = faultOf(invoice);
      if (fault) {
        unusableInvoices.push(fault);
        this.#leaveOut(invoice);
      } else (invoice.kind === 'order' ? orders : cancellations).push(invoice);
    }
    return { lines: this.#lines, orders, cancellations, unusableLines: this.#unusable, unusableInvoices };
  }

  #leaveOut({ id, goods }: Invoice): void {
    for (const { productId, lines } of goods) {
      const why = { invoice: id, fault: 'invoice-too-long', detail: productId } as const;
      this.#unusable.push(...lines.map((line) => ({ line, ...why })));
    }
  }

  #invoice({ invoice: id, line }: CsvLine): Invoice {
    let invoice = this.#invoices.get(id);
    if (!invoice) {
      const kind = /^c/i.test(id) ? 'cancellation' : 'order';
      invoice = { id, kind, at: NaN, firstLine: line, lastLine: line, lines: 0, goods: [] };
      this.#invoices.set(id, invoice);
    }
    invoice.lines += 1;
    invoice.lastLine = line;
    return invoice;
  }

  /** Many lines have the same time, and reading one in a zone is dear. */
  #timeOf(text: string): number {
    let time = this.#times.get(text);
    if (time === undefined) this.#times.set(text, (time = localTime(text, this.options.timeZone)));
    return time;
  }
}

function faultOf(invoice: Invoice): UnusableInvoice | undefined {
  const { id, firstLine, lastLine, lines, goods } = invoice;
  const base = { invoice: id, firstLine, lastLine };
  if (goods.length === 0) {
    return { ...base, fault: 'no-usable-line', detail: `none of its ${lines} lines can be used` };
  }
  if (invoice.kind === 'cancellation' || goods.length <= MAX_LINES) return undefined;
  const detail = `it has ${goods.length} products, and an order at most ${MAX_LINES} lines`;
  return { ...base, fault: 'too-many-products', detail };
}

const LOCAL = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/** Epoch ms of a local time; NaN when it is none, or one that the clocks skipped. */
export function localTime(text: string, zone: string): number {
  const [, day, hour = '', minute = '', second = '00'] = LOCAL.exec(text) ?? [];
  if (day === undefined) return NaN;
  const written = `${day}T${hour.padStart(2, '0')}:${minute}:${second}`;
  const time = DateTime.fromISO(written, { zone });
  // luxon moves a time that a spring night skips; here it means that the zone is not the file's.
  return time.isValid && time.toFormat("yyyy-MM-dd'T'HH:mm:ss") === written ? time.toMillis() : NaN;
}
