/** What the run came to: an object for programs, and lines for people. Pure. */

import type { Ending } from './run/ending.js';
import { latencyOf } from './run/latency.js';
import { SNEAKERS } from './traffic/shops.js';
import { NO_PAINT, type Paint } from './view/paint.js';
import { count, some, tallyText, wrapped } from './view/words.js';

export interface RunFigures {
  seed: string;
  /** how long orders were placed */
  trafficSeconds: number;
  /** the whole run, from the start of the servers to the audit */
  durationSeconds: number;
  /** from an order's record to its outcome's, in order of arrival */
  latenciesMs: readonly number[];
  /** how many of these are from before the kill */
  latenciesBeforeKill: number;
}

export type Summary = ReturnType<typeof summaryOf>;

export function summaryOf(ending: Ending, figures: RunFigures) {
  const { evidence, differences, overtaken } = ending;
  const { tally, flash, sneakers, audit, ledger, kill } = evidence;
  const counts = tally.counts();
  const { seed, trafficSeconds, durationSeconds, latenciesMs, latenciesBeforeKill } = figures;
  return {
    addsUp: differences.length === 0,
    differences,
    seed,
    trafficSeconds,
    durationSeconds: Math.round(durationSeconds * 10) / 10,
    traffic: {
      orders: counts.orders,
      events: counts.events,
      sentTwice: counts.sentTwice,
      malformed: counts.malformed,
      ordersOvertakenByTheirEvents: overtaken,
    },
    decided: counts.decided,
    decidedOnce: counts.decided - tally.wrongDecisions().filter((one) => one.decisions > 1).length,
    outcomes: counts.outcomes,
    notifications: counts.notifications,
    deadLetters: counts.deadLetters,
    publishedTwice: counts.publishedTwice,
    orderToOutcomeMs: {
      beforeTheKill: latencyOf(latenciesMs.slice(0, latenciesBeforeKill)) ?? null,
      allInAll: latencyOf(latenciesMs) ?? null,
    },
    flashSale: {
      units: SNEAKERS,
      ...(sneakers && {
        left: sneakers.free,
        held: sneakers.held,
        sold: sneakers.sold,
        refunded: sneakers.refunded,
      }),
      mostPromisedAtOnce: flash.mostPromised,
      looks: flash.looks,
    },
    states: audit.states,
    kill: kill ?? null,
    audit: { clean: audit.clean, checked: audit.checked, durationMs: audit.durationMs },
    ledger: { clean: ledger.clean, messages: ledger.messages, copies: ledger.copies },
  };
}

/** @param columns of the screen */
export function summaryLines(summary: Summary, columns: number, paint: Paint = NO_PAINT): string[] {
  const { addsUp, differences, seed, durationSeconds } = summary;
  const verdict = addsUp
    ? paint.good(paint.bold('Everything adds up.'))
    : paint.bad(paint.bold(`${some(differences.length, 'thing')} did not add up.`));
  const rows: [string, string][] = [...trafficRows(summary), ...outcomeRows(summary), ...proofRows(summary)];
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  return [
    `${verdict}  ${paint.dim(`(${durationSeconds.toFixed(0)} s; the same orders again: --seed ${seed})`)}`,
    '',
    ...rows.flatMap(([name, text]) => {
      const [first = '', ...others] = wrapped(text, Math.max(40, columns - width - 2));
      const indent = ' '.repeat(width + 2);
      return [`  ${paint.bold(name.padEnd(width))}${first}`, ...others.map((line) => indent + line)];
    }),
    ...(addsUp ? [] : ['', ...differences.map((difference) => `  ${paint.bad('✗')} ${difference}`)]),
  ];
}

function trafficRows({ traffic, trafficSeconds }: Summary): [string, string][] {
  const { orders, events, sentTwice, malformed, ordersOvertakenByTheirEvents: overtaken } = traffic;
  return [
    [
      'Orders',
      `${count(orders)} in ${trafficSeconds} s, with payments, rejections and refunds ${count(events)} events`,
    ],
    [
      'Trouble',
      `${count(sentTwice)} events came twice, ${count(overtaken)} orders after their own events, ${count(malformed)} records malformed`,
    ],
  ];
}

function outcomeRows(summary: Summary): [string, string][] {
  const { decidedOnce, outcomes, states, notifications, flashSale, traffic } = summary;
  const of = (name: string): number => outcomes[name] ?? 0;
  const told = Object.values(notifications).reduce((sum, number) => sum + number, 0);
  const { units, left, sold, refunded, mostPromisedAtOnce, looks } = flashSale;
  return [
    [
      'Decided',
      `${count(decidedOnce)} of ${count(traffic.orders)} orders, exactly once; in the end ${tallyText(states)}`,
    ],
    [
      'On the way',
      `held ${count(of('Held'))}   expired ${count(of('Released, expired'))}   rejected ${count(of('Released, rejected'))}   paid late and reinstated ${count(of('Reinstated'))}   money to give back ${count(of('RefundRequired'))}`,
    ],
    [
      'Flash sale',
      `${units} pairs: ${count(sold ?? 0)} sold, ${count(refunded ?? 0)} refunded, ${count(left ?? 0)} left; never more than ${count(mostPromisedAtOnce)} promised (${count(looks)} looks)`,
    ],
    ['Customers told', `${count(told)}: ${tallyText(notifications)}`],
  ];
}

function proofRows(summary: Summary): [string, string][] {
  const { deadLetters, traffic, kill, orderToOutcomeMs, audit, ledger, publishedTwice } = summary;
  const { orders, facts, stockKeys } = audit.checked;
  const rows: [string, string][] = [
    ['Dead letters', `${count(deadLetters)} of ${count(traffic.malformed)} malformed records`],
  ];
  if (kill) {
    const seconds = (kill.longestMs / 1_000).toFixed(1);
    const back = kill.cameBack ? ' and it came back' : '';
    rows.push([
      'kill -9',
      `${kill.worker} in mid-load: its lanes ${kill.lanes.join(' ')} stood still for ${seconds} s at most,${back}`,
    ]);
  }
  const { beforeTheKill, allInAll } = orderToOutcomeMs;
  if (beforeTheKill && allInAll) {
    const text = `${pairText(beforeTheKill)} until the kill; ${pairText(allInAll)} all in all`;
    rows.push(['Order to outcome', text]);
  }
  rows.push(
    [
      'Audit',
      `${isClean(audit.clean)}: ${count(orders)} orders by their ${count(facts)} later facts, ${some(stockKeys, 'stock key')}`,
    ],
    [
      'Ledger',
      `${isClean(ledger.clean)}: ${count(ledger.messages)} outcomes on Kafka add up to the stock (${count(publishedTwice)} messages came twice)`,
    ],
  );
  return rows;
}

function pairText({ median, p99 }: { median: number; p99: number }): string {
  return `${count(median)} ms (p99 ${count(p99)} ms)`;
}

function isClean(clean: boolean): string {
  return clean ? 'clean' : 'NOT clean';
}
