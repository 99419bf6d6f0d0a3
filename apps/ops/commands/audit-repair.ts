/** `audit --repair`: what would put right what differs; with `--yes` it is done. */

import {
  audit,
  believed,
  carryOut,
  planRepair,
  shown,
  type AuditReport,
  type BatchTools,
  type LedgerBelief,
  type RepairPlan,
  type RepairResult,
  type RepairStep,
  type StockStep,
} from '@holdfast/store';
import { table, type Answer } from '../answer.js';
import { answerOf, changeOf, type OpsContext } from '../context.js';
import { EXIT, UsageFault } from '../failures.js';
import { withDatabase } from '../servers.js';
import { RepairServers } from './audit-repair-servers.js';
import { reportText, type AuditCommandOptions } from './audit-report.js';

/** What comes to light once orders are right, or moved meanwhile, is planned for anew so many times. */
const ROUNDS = 5;

interface RepairReport {
  dryRun: boolean;
  changeId: string;
  /** what was found before anything was done */
  audit: AuditReport;
  steps: RepairStep[];
  left: RepairPlan['left'];
  /** of each round, when it was done */
  rounds: RepairResult[];
  /** what is found now, when it was done */
  after?: AuditReport;
}

export async function runRepair(context: OpsContext, options: AuditCommandOptions): Promise<void> {
  const answer = answerOf(context, options);
  const { reason } = options;
  if (options.yes && (reason === undefined || reason.trim() === '')) {
    throw new UsageFault('say why it is repaired: --reason; it is kept with every correction');
  }
  const servers = new RepairServers(context.environment);
  try {
    const report = await withDatabase(context.environment, options.yes ? 'write' : 'read', (tools) =>
      options.yes
        ? repair(tools, servers, { ...options, reason: reason as string }, answer)
        : plan(tools, servers, options, answer),
    );
    answer.progress('');
    const isClean = report.after ? report.after.clean : report.audit.clean;
    if (!isClean) context.exitCode = EXIT.refused;
    answer.result(report, () => repairText(report));
  } finally {
    await servers.close();
  }
}

async function plan(
  tools: BatchTools,
  servers: RepairServers,
  options: AuditCommandOptions,
  answer: Answer,
): Promise<RepairReport> {
  const planned = await planOnce(tools, servers, options, answer);
  const { changeId } = changeOf(options);
  return { dryRun: true, changeId, ...planned, rounds: [] };
}

async function planOnce(
  { database }: BatchTools,
  servers: RepairServers,
  options: AuditCommandOptions,
  answer: Answer,
): Promise<RepairPlan> {
  const read: LedgerBelief = { read: (stores, onMessage) => servers.readLedger(stores, onMessage) };
  return planRepair(database, {
    unpublishedAfterMs: options.unpublishedAfter,
    overdueAfterMs: options.overdueAfter,
    ledger: options.ledger === 'topic' ? read : options.ledger,
    onProgress: ({ stage, done, total }) => answer.progress(`${stage}: ${done} of ${total}`),
  });
}

async function repair(
  tools: BatchTools,
  servers: RepairServers,
  options: AuditCommandOptions & { reason: string },
  answer: Answer,
): Promise<RepairReport> {
  const { actor, changeId } = changeOf(options);
  const { reason } = options;
  const rounds: RepairResult[] = [];
  let planned = await planOnce(tools, servers, options, answer);
  const report: RepairReport = { dryRun: false, changeId, ...planned, rounds };
  for (let round = 1; planned.steps.length > 0 && round <= ROUNDS; round++) {
    const result = await carryOut(tools, {
      // Each round's corrections are a change of their own: an id is made for a key once.
      changeId: round === 1 ? changeId : `${changeId}-${round}`,
      actor,
      reason,
      steps: planned.steps,
      watermark: () => servers.watermark(tools.database),
      publishOutbox: () => servers.publishOutbox(tools.database),
      onProgress: (done) => answer.progress(`${done} of ${planned.steps.length} put right`),
    });
    rounds.push(result);
    if (Object.values(result.done).every((count) => count === 0)) break;
    planned = await planOnce(tools, servers, options, answer);
    report.left = planned.left;
  }
  report.after = await audit(tools.database, {
    unpublishedAfterMs: options.unpublishedAfter,
    overdueAfterMs: options.overdueAfter,
    maxListed: options.maxListed,
  });
  return report;
}

function repairText(report: RepairReport): string {
  const { steps, left, rounds, after, dryRun } = report;
  if (steps.length === 0 && left.length === 0) return reportText(report.audit) + 'nothing to put right\n';
  const parts = [
    steps.length > 0 && `${dryRun ? 'would be put right' : 'put right'}:\n${steps.map(stepText).join('')}`,
    left.length > 0 && leftText(left),
  ];
  if (dryRun) {
    const orders = steps.some(({ kind }) => kind === 'order');
    parts.push(
      'nothing was changed (--yes --reason "…" does it)\n' +
        (orders ? 'the stock of these orders is looked at again when they are right\n' : ''),
    );
  }
  const givenUp = rounds.flatMap((round) => round.left);
  if (givenUp.length > 0)
    parts.push(`left for now:\n${givenUp.map(({ message }) => `  ${message}\n`).join('')}`);
  if (after) parts.push(`change ${report.changeId}; now:\n${reportText(after)}`);
  return parts.filter(Boolean).join('\n');
}

function stepText(step: RepairStep): string {
  switch (step.kind) {
    case 'stock':
      return stockText(step);
    case 'order': {
      const { before, after } = step;
      const change = `${before.state} at version ${before.version} becomes ${after.state} at version ${after.version}`;
      return `  order ${step.orderKey}: ${change}, with its claim and its due time as its facts say\n`;
    }
    case 'overdue':
      return `  hold of ${step.orderKey}: fell due at ${step.dueAt}, is released as the timer does it\n`;
    case 'unpublished':
      return `  outbox: ${step.documents} documents and all that wait with them are published, in their order\n`;
  }
}

function stockText({ stockKey, found, becomes, unpublished }: StockStep): string {
  const of = (balance: 'free' | 'held' | 'sold' | 'refunded'): string => {
    const was = found ? shown(found[balance]) : 'nothing';
    const is = shown(becomes[balance]);
    return was === is ? '' : ` ${balance === 'free' ? 'left' : balance} ${was} becomes ${is};`;
  };
  const sound = found && believed(found);
  const told = (['free', 'held', 'sold', 'refunded'] as const)
    .map(
      (balance) =>
        [balance, (becomes[balance] ?? 0) - (sound?.[balance] ?? 0) + unpublished[balance]] as const,
    )
    .filter(([, delta]) => delta !== 0)
    .map(([balance, delta]) => `${balance} ${delta > 0 ? '+' : ''}${delta}`);
  const ledger = told.length > 0 ? told.join(', ') : 'no units: the ledger has them right';
  const moves = (['free', 'held', 'sold', 'refunded'] as const).map(of).join('');
  return `  stock ${stockKey}:${moves || ' its version alone;'} published as ${ledger}\n`;
}

function leftText(left: RepairPlan['left']): string {
  const rows = left.map(({ kind, message, remedy }) => [kind, message, remedy]);
  return 'cannot be put right from here:\n' + table(['difference', 'what', 'what helps'], rows);
}
