/** What was in the file, what was sent of it, and what became of it. */

import { fields, table, type Cell } from '../answer.js';
import type { Accounts, Fate } from './accounts.js';
import type { Matching } from './cancellations.js';
import {
  LINE_FAULTS,
  type LineFault,
  type Reading,
  type UnusableInvoice,
  type UnusableLine,
} from './invoices.js';
import type { Sent } from './send.js';
import type { PlannedEvent, PlannedTopic } from './timeline.js';

export interface Summary {
  file: string;
  storeId: string;
  lines: { total: number; used: number; unusable: number };
  /** every invoice once: the figures of `orders`, `cancellations` and `unusable` add up to `total` */
  invoices: {
    total: number;
    /** sent; by what became of them, when that was waited for */
    orders: number;
    fates?: Partial<Record<Fate, number>>;
    /** refunds were sent for all of their lines, for some, for none */
    cancellations: { total: number; refunded: number; partly: number; unmatched: number };
    unusable: number;
  };
  events: Record<PlannedTopic, number>;
  sent: boolean;
  durationMs?: number;
  ordersPerSecond?: number;
  unusableInvoices: UnusableInvoice[];
  unusableByFault: Partial<Record<LineFault, number>>;
  unusableLines: UnusableLine[];
  refused?: Accounts['refused'];
  undecided?: string[];
}

export interface Parts {
  file: string;
  storeId: string;
  reading: Reading;
  matching: Matching;
  events: readonly PlannedEvent[];
  sent: Sent | undefined;
  accounts: Accounts | undefined;
}

export function summaryOf({ file, storeId, reading, matching, events, sent, accounts }: Parts): Summary {
  const unusableLines = [...reading.unusableLines, ...matching.unusableLines].sort((a, b) => a.line - b.line);
  const { matched, partly, unmatched } = matching;
  const unusableByFault: Summary['unusableByFault'] = {};
  for (const { fault } of unusableLines) unusableByFault[fault] = (unusableByFault[fault] ?? 0) + 1;
  const used = usedLines(reading, matching);
  const summary: Summary = {
    file,
    storeId,
    lines: { total: reading.lines, used, unusable: unusableLines.length },
    invoices: {
      total: reading.orders.length + reading.cancellations.length + reading.unusableInvoices.length,
      orders: reading.orders.length,
      cancellations: {
        total: reading.cancellations.length,
        refunded: matched.length,
        partly: partly.length,
        unmatched: unmatched.length,
      },
      unusable: reading.unusableInvoices.length,
    },
    events: sent?.events ?? countsOf(events),
    sent: sent !== undefined,
    unusableInvoices: reading.unusableInvoices,
    unusableByFault,
    unusableLines,
  };
  if (sent) Object.assign(summary, { durationMs: sent.durationMs, ordersPerSecond: sent.ordersPerSecond });
  if (accounts) {
    summary.invoices.fates = accounts.fates;
    summary.refused = accounts.refused;
    if (accounts.undecided.length > 0) summary.undecided = accounts.undecided;
  }
  return summary;
}

/** Lines that became part of an event. */
function usedLines({ orders }: Reading, { refunds }: Matching): number {
  const all = [...orders, ...refunds].flatMap(({ goods }) => goods);
  return all.reduce((sum, { lines }) => sum + lines.length, 0);
}

function countsOf(events: readonly PlannedEvent[]): Record<PlannedTopic, number> {
  const counts = { OrderPlaced: 0, PaymentReceived: 0, OrderRefunded: 0 };
  for (const { topic } of events) counts[topic] += 1;
  return counts;
}

/** Lines and orders that people are shown one by one. */
const SHOWN = 20;

export function summaryText(summary: Summary): string {
  const { lines, invoices, events, sent } = summary;
  const { cancellations } = invoices;
  const speed = summary.ordersPerSecond === undefined ? '' : ` (${summary.ordersPerSecond} orders/s)`;
  const sections = [
    fields([
      ['file', summary.file],
      ['lines', `${lines.total}: ${lines.used} used, ${lines.unusable} not`],
      [
        'invoices',
        `${invoices.total}: ${invoices.orders} orders, ${cancellations.total} cancellations, ${invoices.unusable} unusable`,
      ],
      [
        'cancellations',
        `${cancellations.refunded} refunded, ${cancellations.partly} in part, ${cancellations.unmatched} match no order`,
      ],
      [
        sent ? 'sent' : 'would send',
        Object.entries(events)
          .map(([topic, count]) => `${count} ${topic}`)
          .join(', ') + speed,
      ],
      ...(invoices.fates ? [['orders', fatesText(invoices.fates)] as const] : []),
    ]),
    listed(
      'invoices that cannot be used',
      ['invoice', 'lines', 'why'],
      summary.unusableInvoices,
      (invoice) => [invoice.invoice, `${invoice.firstLine}–${invoice.lastLine}`, invoice.detail],
    ),
    faultTable(summary),
    listed(
      'lines that cannot be used',
      ['line', 'invoice', 'why', 'there stands'],
      summary.unusableLines,
      (line) => [line.line, line.invoice, line.fault, line.detail],
    ),
    listed(
      'refused orders',
      ['order', 'reason', 'short of'],
      summary.refused ?? [],
      ({ orderId, reason, shortages }) => [
        orderId,
        reason,
        shortages
          .slice(0, 5)
          .map(({ productId, wanted, free }) => `${productId}: ${free} of ${wanted}`)
          .join(', ') + (shortages.length > 5 ? `, … (${shortages.length})` : ''),
      ],
    ),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function fatesText(fates: Partial<Record<Fate, number>>): string {
  return Object.entries(fates)
    .map(([fate, count]) => `${count} ${fate}`)
    .join(', ');
}

function faultTable({ unusableByFault }: Summary): string {
  const rows = Object.entries(unusableByFault).map(([fault, count]) => [
    fault,
    count,
    LINE_FAULTS[fault as LineFault],
  ]);
  return rows.length === 0 ? '' : table(['why', 'lines', 'means'], rows);
}

function listed<T>(title: string, headings: string[], items: readonly T[], row: (item: T) => Cell[]): string {
  if (items.length === 0) return '';
  const more = items.length - SHOWN;
  const rest = more > 0 ? `… and ${more} more (--json names them all)\n` : '';
  return `${title}:\n${table(headings, items.slice(0, SHOWN).map(row))}${rest}`;
}
