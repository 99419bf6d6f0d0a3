/** Whether everything adds up at the end, and what does not. Pure. */

import type { AuditReport, LedgerReport } from '@holdfast/store';
import type { StockNumbers } from './observe/database-look.js';
import type { FlashFindings } from './observe/flash-watch.js';
import type { Tally } from './observe/tally.js';
import { SNEAKERS } from './traffic/shops.js';

export interface KillReport {
  worker: string;
  /** lanes that it had */
  lanes: number[];
  /** of these, those that never moved again */
  standing: number[];
  /** until the last of the others had applied something again, ms */
  longestMs: number;
  /** whether it came back */
  cameBack: boolean;
}

export interface Evidence {
  tally: Pick<Tally, 'counts' | 'wrongDecisions' | 'malformedAndDead'>;
  flash: FlashFindings;
  /** the sneakers' stock at the end; none = it has no document */
  sneakers: StockNumbers | undefined;
  audit: AuditReport;
  ledger: LedgerReport;
  /** what was still on its way when the demo stopped waiting */
  leftOver: readonly string[];
  /** how workers and API ended when they were asked to stop: an exit code, or a signal */
  exits: readonly { name: string; exit: number | string }[];
  /** none when no worker was killed */
  kill: KillReport | undefined;
}

/** Examples of a difference that are named. */
const NAMED = 5;

/** One line each; none when everything adds up. */
export function differencesIn(evidence: Evidence): string[] {
  const { audit, ledger, leftOver } = evidence;
  return [
    ...leftOver.map((what) => `not finished: ${what}`),
    ...decisions(evidence),
    ...deadLetters(evidence),
    ...flashSale(evidence),
    ...expiries(evidence),
    ...workers(evidence),
    ...listed('audit', audit),
    ...listed('ledger', ledger),
  ];
}

function decisions({ tally }: Evidence): string[] {
  const wrong = tally.wrongDecisions();
  const kinds: [string, typeof wrong][] = [
    ['were placed and not decided', wrong.filter(({ placed, decisions }) => placed && decisions === 0)],
    ['were decided more than once', wrong.filter((one) => one.decisions > 1)],
    ['were decided and never placed', wrong.filter(({ placed, decisions }) => !placed && decisions === 1)],
  ];
  return kinds.flatMap(([what, orders]) => {
    if (orders.length === 0) return [];
    const names = orders.slice(0, NAMED).map(({ order }) => order);
    return [`${orders.length} orders ${what}: ${names.join(', ')}${orders.length > NAMED ? ', …' : ''}`];
  });
}

function deadLetters({ tally }: Evidence): string[] {
  return tally
    .malformedAndDead()
    .filter(({ malformed, deadLetters }) => malformed !== deadLetters)
    .map(
      ({ topic, malformed, deadLetters }) =>
        `${topic}: ${malformed} malformed records were sent, and there are ${deadLetters} dead letters`,
    );
}

function flashSale({ flash, sneakers }: Evidence): string[] {
  const found: string[] = [];
  if (flash.mostPromised > SNEAKERS) {
    found.push(`flash sale: ${flash.mostPromised} pairs were promised at once, of ${SNEAKERS}`);
  }
  if (flash.wrongLooks > 0) {
    found.push(`flash sale: the numbers did not add up at ${flash.wrongLooks} of ${flash.looks} looks`);
  }
  if (!sneakers) return [...found, 'flash sale: the sneakers have no stock'];
  const { free, held, sold, refunded } = sneakers;
  if ((free ?? 0) + held + sold + refunded !== SNEAKERS) {
    found.push(
      `flash sale: ${free} left, ${held} held, ${sold} sold and ${refunded} refunded are not ${SNEAKERS}`,
    );
  }
  return found;
}

/** Every released hold is told of twice: to services, and to the customer. */
function expiries({ tally }: Evidence): string[] {
  const { outcomes, expired, notifications } = tally.counts();
  const released = outcomes['Released, expired'] ?? 0;
  const told = notifications['order-expired'] ?? 0;
  if (released === expired && released === told) return [];
  return [`${released} holds expired, with ${expired} OrderExpired and ${told} notifications`];
}

function workers({ exits, kill }: Evidence): string[] {
  const found = exits
    .filter(({ exit }) => exit !== 0)
    .map(({ name, exit }) => `${name} did not stop in order (${exit})`);
  if (!kill) return [...found, 'no worker was killed'];
  if (!kill.cameBack) found.push(`${kill.worker} did not come back after the kill`);
  if (kill.standing.length > 0) {
    found.push(`lanes ${kill.standing.join(', ')} of ${kill.worker} did not move again after the kill`);
  }
  return found;
}

function listed(name: string, report: AuditReport | LedgerReport): string[] {
  if (report.clean) return [];
  const shown = report.listed.slice(0, NAMED).map(({ kind, message }) => `${name}: ${kind}: ${message}`);
  const more = report.differences - shown.length;
  return more > 0 ? [...shown, `${name}: … and ${more} more differences`] : shown;
}
