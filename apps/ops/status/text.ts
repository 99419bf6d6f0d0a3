/** A report for people: one screen. */

import { fields, table, type Cell } from '../answer.js';
import { durationText } from '../values.js';
import type { StatusReport } from './report.js';

const UNKNOWN = 'not known';

export function statusText(report: StatusReport): string {
  const { at, servers, group, problems } = report;
  const server = (name: string, { answers }: { answers: boolean }): string =>
    `${name} ${answers ? 'answers' : 'DOES NOT ANSWER'}`;
  const head = fields([
    ['as of', at],
    ['servers', `${server('Kafka', servers.kafka)}, ${server('MongoDB', servers.mongodb)}`],
    ['group', group ? `${group.id}: ${group.state}, ${group.members} members` : UNKNOWN],
    ['W', watermarkText(report)],
    ['expiry', expiryText(report)],
    ['holds', holdsText(report)],
    ['outbox', outboxText(report)],
    ['leases', leasesText(report)],
    ['last reconcile', reconcileText(report)],
  ]);
  const last =
    problems.length === 0 ? 'nothing needs you\n' : problems.map((problem) => `! ${problem}\n`).join('');
  return [head, workersTable(report), topicsTable(report), last].join('\n');
}

function watermarkText({ watermark }: StatusReport): string {
  if (!watermark) return UNKNOWN;
  const { at, secondsBehind } = watermark;
  return secondsBehind === 0
    ? 'now: every payment and rejection is applied'
    : `${at}, ${span(secondsBehind)} behind`;
}

function expiryText({ expiry }: StatusReport): string {
  if (!expiry) return UNKNOWN;
  if (!expiry.paused) return 'running';
  const why = expiry.reason === undefined ? '' : ` (${expiry.reason})`;
  return `PAUSED since ${expiry.since}, by ${expiry.actor}${why}`;
}

function holdsText({ holds }: StatusReport): string {
  if (!holds) return UNKNOWN;
  const { open, overdue, overdueSeconds, nextDue } = holds;
  if (overdue > 0) return `${open} open; ${overdue} of them due, for up to ${span(overdueSeconds)}`;
  return nextDue === null ? 'none open' : `${open} open; the next is due at ${nextDue}`;
}

function outboxText({ outbox }: StatusReport): string {
  if (!outbox) return UNKNOWN;
  return outbox.batches === 0
    ? 'empty'
    : `${outbox.batches} batches wait, the oldest for ${span(outbox.seconds)}`;
}

function leasesText({ leases }: StatusReport): string {
  if (!leases) return UNKNOWN;
  return leases.map(({ lease, worker }) => `${lease} ${worker}`).join(', ') || 'nobody has any';
}

function reconcileText({ lastReconcile, servers }: StatusReport): string {
  if (lastReconcile) return `${lastReconcile.at}, ${lastReconcile.differences} differences`;
  return servers.mongodb.answers ? 'none has finished yet' : UNKNOWN;
}

function workersTable({ workers, lanesWithoutWorker }: StatusReport): string {
  const rows: Cell[][] = (workers ?? []).map(({ worker, roles, lanes }) => [
    worker,
    roles.join(', '),
    lanes.join(', '),
  ]);
  if (lanesWithoutWorker && lanesWithoutWorker.length > 0) {
    rows.push(['NOBODY', '', lanesWithoutWorker.join(', ')]);
  }
  if (rows.length === 0) return 'no worker is known\n';
  return table(['worker', 'does', 'lanes'], rows);
}

function topicsTable({ topics }: StatusReport): string {
  const rows = topics.map(({ topic, records, seconds, partitionsBehind, deadLetters, openDeadLetters }) => [
    topic,
    records,
    seconds,
    partitionsBehind.join(', '),
    deadLetters,
    openDeadLetters,
  ]);
  return table(['topic', 'records behind', 'seconds behind', 'in partitions', 'dead letters', 'open'], rows);
}

function span(seconds: number): string {
  return durationText(seconds * 1_000);
}
