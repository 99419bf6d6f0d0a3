/** What `audit` is asked for, and what it says to people. */

import { DIFFERENCES, type AuditReport, type DifferenceKind } from '@holdfast/store';
import { fields, table } from '../answer.js';
import type { ChangeOptions, CommonOptions } from '../context.js';

/** What a repair may take the published ledger to say. */
export const LEDGERS = ['topic', 'stock', 'orders'] as const;

export interface AuditCommandOptions extends CommonOptions, ChangeOptions {
  unpublishedAfter: number;
  overdueAfter: number;
  maxListed: number;
  against?: string;
  repair?: boolean;
  yes?: boolean;
  ledger: (typeof LEDGERS)[number];
}

/** Differences that people are shown one by one. */
const SHOWN = 50;

export function reportText(report: AuditReport): string {
  const { checked, states, totals } = report;
  const seconds = (report.durationMs / 1_000).toFixed(1);
  const head = fields([
    ['as of', report.at],
    ['orders and facts', `${checked.orders} and ${checked.facts}`],
    ['keys and changes', `${checked.stockKeys} and ${checked.stockChanges}`],
    ['outbox', `${checked.outbox} documents wait to be published`],
    ['took', `${seconds} s`],
    [
      'states',
      Object.entries(states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') || 'none',
    ],
    ...(checked.prunedUnits > 0 ? [['removed orders', `${checked.prunedUnits} units sold`] as const] : []),
    ['units', `${totals.free} left, ${totals.held} held, ${totals.sold} sold, ${totals.refunded} refunded`],
    ['unlimited keys', totals.unlimitedKeys],
    ...(report.expiryPaused ? [['expiry', 'paused: no hold counts as overdue'] as const] : []),
  ]);
  if (report.clean) return head + 'everything adds up\n';
  const shown = report.listed.slice(0, SHOWN).map(({ kind, message }) => `${kind}: ${message}\n`);
  const more = report.differences - shown.length;
  const counts = Object.entries(report.counts).map(([kind, count]) => [
    kind,
    count,
    DIFFERENCES[kind as DifferenceKind],
  ]);
  return [
    head,
    shown.join('') + (more > 0 ? `… and ${more} more (--json lists up to --max-listed)\n` : ''),
    table(['difference', 'count', 'means'], counts),
  ].join('\n');
}
