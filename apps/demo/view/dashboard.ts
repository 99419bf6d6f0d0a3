/** The live view of a terminal: a moment of the run as lines. Pure. */

import type { Snapshot, StockRow, WorkerRow } from '../run/snapshot.js';
import type { Paint } from './paint.js';
import { count, progressBar, some, sparkline, stockBar, tallyText, unitsLeft } from './words.js';

const LABEL_WIDTH = 27;

export interface Frame {
  columns: number;
  rows: number;
}

/** Lines for a screen of this size: in a small one the blank lines and the flow go first, then the oldest of the journal. */
export function dashboard(moment: Snapshot, { columns, rows }: Frame, paint: Paint): string[] {
  const flow = paint.dim('orders, payments, refunds ─► Kafka ─► workers + MongoDB ─► Kafka ─► this view');
  const fixed = [
    heading(moment, paint),
    flow,
    ...page(moment, paint),
    '',
    ...orders(moment, columns, paint),
    '',
    ...stock(moment, columns, paint),
    '',
    ...workers(moment, paint),
    '',
  ];
  const title = paint.bold('WHAT HAPPENED');
  const room = (lines: readonly string[]): number => rows - lines.length - 1;
  const lines =
    room(fixed) >= Math.min(4, moment.journal.length)
      ? fixed
      : fixed.filter((line) => line !== '' && line !== flow);
  const entries = moment.journal.slice(-Math.max(1, room(lines)));
  const journal = entries.map(({ at, text }) => `  ${paint.dim(secondsText(at))}  ${text}`);
  return [...lines, title, ...journal].slice(0, rows);
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(0).padStart(3)} s`;
}

function heading({ phase, elapsedSeconds, trafficSeconds }: Snapshot, paint: Paint): string {
  const bar = progressBar(elapsedSeconds / trafficSeconds, 24);
  const now = {
    traffic: `${Math.floor(elapsedSeconds)} of ${trafficSeconds} s of orders`,
    draining: 'no more orders; what was begun is finished',
    auditing: 'the audit: does everything add up?',
  }[phase];
  return `${paint.bold('Holdfast demo')}   ${paint.good(bar)} ${now}`;
}

function page({ page: open }: Snapshot, paint: Paint): string[] {
  if (!open) return [];
  return [`${paint.bold("BAKERY'S PAGE")}  ${open.url}`, `  sign in with ${open.key}`];
}

function orders(moment: Snapshot, columns: number, paint: Paint): string[] {
  const { counts, latencyMs, ordersPerSecond, history, heldOrders } = moment;
  const of = (name: string): string => paint.bold(count(counts.outcomes[name] ?? 0));
  const bars = sparkline(history, Math.min(60, columns - 20));
  const speed = latencyMs
    ? `, lately within ${count(latencyMs.median)} ms (p99 ${count(latencyMs.p99)})`
    : '';
  return [
    `${paint.bold(`ORDERS ${count(ordersPerSecond).padStart(5)}/s`)}  ${bars}`,
    `  ${count(counts.decided)} of ${count(counts.orders)} decided${speed}`,
    `  held ${of('Held')} (now ${count(heldOrders)})   sold ${of('Sold')}   refused ${of('Refused')}   expired ${of('Released, expired')}`,
    `  rejected ${of('Released, rejected')}   refunds ${of('RefundRecorded')}   reinstated ${of('Reinstated')}   payments to give back ${of('RefundRequired')}`,
    `${paint.bold('CUSTOMERS TOLD')} ${count(counts.notified)}   ${paint.bold('DEAD LETTERS')} ${count(counts.deadLetters)} (${count(counts.malformed)} malformed sent)   ${paint.bold('SENT TWICE')} ${count(counts.sentTwice)}`,
    `  ${paint.dim(tallyText(counts.notifications, '  ').replaceAll('order-', ''))}`,
  ];
}

function stock({ stock: rows, flash }: Snapshot, columns: number, paint: Paint): string[] {
  const barWidth = Math.max(0, Math.min(20, columns - LABEL_WIDTH - 38));
  const title = `${'STOCK'.padEnd(LABEL_WIDTH + 2)}${'left'.padStart(9)}${'held'.padStart(7)}${'sold'.padStart(7)}${'refunded'.padStart(10)}`;
  const key = barWidth > 0 ? paint.dim('   █ sold  ▒ held') : '';
  return [
    paint.bold(title) + key,
    ...rows.map((row) => stockLine(row, barWidth, paint)),
    `  ${paint.dim(`sneakers looked at ${some(flash.looks, 'time')}: never more than ${count(flash.mostPromised)} promised`)}`,
  ];
}

function stockLine(row: StockRow, barWidth: number, paint: Paint): string {
  const { label, free, held, sold, refunded } = row;
  const left = unitsLeft(free).padStart(9);
  const numbers = [count(held).padStart(7), count(sold).padStart(7), count(refunded).padStart(10)].join('');
  const shown = free === 0 ? paint.notable(left) : left;
  return `  ${label.padEnd(LABEL_WIDTH)}${shown}${numbers}   ${paint.good(stockBar(row, barWidth))}`;
}

function workers({ workers: rows, waiting, outbox }: Snapshot, paint: Paint): string[] {
  const queue =
    waiting + outbox === 0
      ? 'nothing waits'
      : `${some(waiting, 'record')} and ${some(outbox, 'batch', 'batches')} wait`;
  return [`${paint.bold('WORKERS')}   ${paint.dim(queue)}`, ...rows.map((row) => workerLine(row, paint))];
}

const DUTIES = { relay: 'publishes', expire: 'lets holds expire' } as const;

function workerLine(
  { name, state, goneForSeconds, lanes, standing, active }: WorkerRow,
  paint: Paint,
): string {
  if (goneForSeconds !== undefined) {
    const stand =
      standing.length > 0 ? `lanes ${standing.join(' ')} stand still` : 'its lanes are with the other';
    return `  ${name}  ${paint.bad(`killed ${goneForSeconds.toFixed(0)} s ago`)}: ${stand}`;
  }
  const does = [
    lanes.length > 0 ? `lanes ${lanes.join(' ')}` : 'no lanes',
    ...active.map((role) => DUTIES[role]),
  ];
  const shown = state === 'works' ? paint.good(state) : paint.notable(state);
  return `  ${name}  ${shown}: ${does.join(', ')}`;
}
