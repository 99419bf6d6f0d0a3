/** `order show` and `restock`: one order, looked at and put right. */

import type { Command } from 'commander';
import type { Line } from '@holdfast/core';
import { orderView, restockOrder, type CauseDoc, type FactView, type OrderView } from '@holdfast/store';
import { fields, table } from '../answer.js';
import {
  answerOf,
  changeOf,
  examples,
  withChangeOptions,
  type ChangeOptions,
  type CommonOptions,
  type OpsContext,
} from '../context.js';
import { EXIT } from '../failures.js';
import { withDatabase } from '../servers.js';
import { collected, idOf, line } from '../values.js';

interface OrderOptions extends CommonOptions {
  store: string;
  order: string;
}

interface RestockOptions extends OrderOptions, ChangeOptions {
  line?: Line[];
}

export function addOrderCommands(program: Command, context: OpsContext): void {
  program
    .command('order')
    .description('single orders')
    .command('show')
    .description('Shows where an order stands, what it claims, and what made it so.')
    .requiredOption('--store <id>', 'the store', idOf)
    .requiredOption('--order <id>', 'the order', idOf)
    .addHelpText('after', examples('order show --store bakery --order order-1001'))
    .action((_options, command: Command) => show(context, command.optsWithGlobals()));
  withChangeOptions(program.command('restock'))
    .description(
      'Puts refunded units of an order back, so that they can be ordered again: all, or some lines.',
    )
    .requiredOption('--store <id>', 'the store', idOf)
    .requiredOption('--order <id>', 'the order', idOf)
    .option(
      '--line <goods=units>',
      'PRODUCT[/VARIANT[/DATE]]=UNITS; may be given several times',
      collected(line),
    )
    .addHelpText(
      'after',
      examples(
        'restock --store bakery --order order-1001',
        'restock --store bakery --order order-1001 --line rye-loaf/-/2026-12-24=2',
      ),
    )
    .action((_options, command: Command) => restock(context, command.optsWithGlobals()));
}

async function show(context: OpsContext, options: OrderOptions): Promise<void> {
  const { store, order } = options;
  const answer = answerOf(context, options);
  const view = await withDatabase(context.environment, 'read', ({ database }) =>
    orderView(database, store, order),
  );
  if (view) return answer.result(view, () => orderText(view));
  context.exitCode = EXIT.refused;
  const message = `nothing is known of order ${order} of store ${store}`;
  answer.result({ error: { kind: 'unknown-order', message } }, () => '');
  answer.warn(message);
}

function orderText(view: OrderView): string {
  const head = fields([
    ['order', `${view.storeId}/${view.orderId}`],
    ['state', view.reason === undefined ? view.state : `${view.state} (${view.reason})`],
    ['version', view.version],
    ...(view.customerId === undefined ? [] : [['customer', view.customerId] as const]),
    ...(view.placedAt === undefined ? [] : [['placed', view.placedAt] as const]),
    ...(view.expiresAt === undefined ? [] : [['hold until', view.expiresAt] as const]),
  ]);
  const lines = view.lines.map((goods) => [
    goods.productId,
    goods.variantId,
    goods.fulfillmentDate,
    goods.quantity,
    goods.stockKey ?? 'not counted',
  ]);
  const claimed = view.claim.filter(
    ({ held, sold, refunded, settled }) => held + sold + refunded + settled > 0,
  );
  const claims = claimed.map((claim) => [
    claim.stockKey,
    claim.held,
    claim.sold,
    claim.refunded,
    claim.settled,
  ]);
  const facts = view.facts.map((fact) => [
    fact.entry,
    fact.fact,
    fact.at,
    detailOf(fact),
    causeOf(fact.cause),
  ]);
  const transitions = view.transitions.map((made) => [
    made.version,
    `${made.from} → ${made.to}`,
    made.outcomes.join(', '),
    made.at,
    causeOf(made.cause),
  ]);
  const sections = [
    head,
    lines.length > 0 && table(['product', 'variant', 'date', 'units', 'stock key'], lines),
    claims.length > 0 && table(['claim', 'held', 'sold', 'refunded', 'settled'], claims),
    table(['fact', 'what', 'decided', 'detail', 'cause'], facts),
    transitions.length > 0 && table(['version', 'state', 'outcomes', 'decided', 'cause'], transitions),
  ];
  return sections.filter(Boolean).join('\n');
}

function detailOf(fact: FactView): string {
  const named = fact.paymentId ?? fact.refundId ?? fact.restockId ?? fact.reason ?? '';
  const until = fact.expiresAt === undefined ? '' : `hold until ${fact.expiresAt}`;
  const goods = fact.lines?.map(({ productId, quantity }) => `${productId}=${quantity}`).join(' ') ?? '';
  return [named, until, goods, fact.restock ? 'restock' : ''].filter(Boolean).join(' ');
}

function causeOf({ topic, partition, offset, eventId, actor, reason }: CauseDoc): string {
  if (partition !== undefined) return `${topic}[${partition}]@${offset} ${eventId}`;
  const by = actor === undefined ? '' : ` by ${actor}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return `${topic} ${eventId}${by}${why}`;
}

async function restock(context: OpsContext, options: RestockOptions): Promise<void> {
  const answer = answerOf(context, options);
  const change = changeOf(options);
  const { changeId } = change;
  const request = {
    ...change,
    storeId: options.store,
    orderId: options.order,
    ...(options.line && { lines: options.line }),
  };
  const result = await withDatabase(context.environment, 'write', (tools) => restockOrder(tools, request));
  if (result.kind === 'refused') {
    context.exitCode = EXIT.refused;
    answer.warn(result.message);
  }
  answer.result({ ...request, ...result }, () => {
    if (result.kind === 'repeated') return `made before under ${changeId}: nothing changed\n`;
    if (result.kind === 'refused') return '';
    const rows = result.deltas.map(({ stockKey, free, refunded }) => [stockKey, free, refunded]);
    return table(['stock key', 'left', 'refunded'], rows) + `put back (change ${changeId})\n`;
  });
}
