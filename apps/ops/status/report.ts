/** What a look says: figures, and what of them needs somebody. Pure. */

import { CONSUMED_TOPICS, WATERMARK_TOPICS } from '@holdfast/contracts';
import { orphanedLanes, workerOf, type Sight } from '@holdfast/store';
import type { LetterRange, Looks } from './look.js';

/** From when on something needs somebody; the alerts in deploy/prometheus/alerts.yml use the same. */
const LAG_SECONDS = 60;
const OUTBOX_SECONDS = 30;
const OVERDUE_SECONDS = 60;
const RECONCILED_SECONDS = 2 * 60 * 60;

/** Topics whose backlog holds expiry back. */
const WATCHED = new Set<string>(WATERMARK_TOPICS);

export interface TopicStatus {
  topic: string;
  /** not applied yet; null while it is not known */
  records: number | null;
  /** how long the oldest of them has waited; null while it is not known */
  seconds: number | null;
  partitionsBehind: number[];
  /** all that its dead-letter topic still has; null while it is not known */
  deadLetters: number | null;
  /** those that were neither redriven nor discarded; null while it is not known */
  openDeadLetters: number | null;
}

export interface StatusReport {
  /** by the database's clock, or this machine's while there is no database */
  at: string;
  servers: Record<'kafka' | 'mongodb', { answers: boolean; why?: string }>;
  group: { id: string; state: string; members: number } | null;
  workers: { worker: string; roles: string[]; lanes: number[] }[] | null;
  lanesWithoutWorker: number[] | null;
  topics: TopicStatus[];
  /** holds that are due by then may expire */
  watermark: { at: string; secondsBehind: number } | null;
  outbox: { batches: number; seconds: number } | null;
  holds: { open: number; overdue: number; overdueSeconds: number; nextDue: string | null } | null;
  expiry: { paused: boolean; since?: string; actor?: string; reason?: string } | null;
  leases: { lease: string; worker: string }[] | null;
  /** the last whole pass; null when there was none yet */
  lastReconcile: { at: string; differences: number } | null;
  /** what needs somebody, worst first; empty when all is well */
  problems: string[];
}

/** @param now epoch ms, for when the database does not say */
export function reportOf(looks: Looks, now: number): StatusReport {
  const kafka = 'found' in looks.kafka ? looks.kafka.found : undefined;
  const database = 'found' in looks.database ? looks.database.found : undefined;
  const sight = database?.sight;
  const at = sight?.now ?? now;
  const topics = topicsOf(looks, at);
  const behind = topics.filter(({ topic }) => WATCHED.has(topic)).map(({ seconds }) => seconds);
  const secondsBehind = behind.includes(null) ? undefined : Math.max(...(behind as number[]));
  const overdueSeconds = secondsSince(sight?.nextDueAt, at);
  const report: StatusReport = {
    at: new Date(at).toISOString(),
    servers: { kafka: answers(looks.kafka), mongodb: answers(looks.database) },
    group: kafka
      ? { id: kafka.groupId, state: kafka.group.state, members: kafka.group.members.length }
      : null,
    workers: sight ? workersOf(sight) : null,
    lanesWithoutWorker:
      sight && kafka ? withoutWorker(sight, kafka.ends.get('OrderPlaced')?.length ?? 0) : null,
    topics,
    watermark:
      secondsBehind === undefined
        ? null
        : { at: new Date(at - secondsBehind * 1_000).toISOString(), secondsBehind },
    outbox: sight
      ? { batches: sight.outbox.documents, seconds: secondsSince(sight.outbox.oldestAt, at) }
      : null,
    holds: database ? { ...database.holds, overdueSeconds, nextDue: isoOf(database.sight.nextDueAt) } : null,
    expiry: sight ? expiryOf(sight) : null,
    leases: sight ? sight.leases.map(({ _id, owner }) => ({ lease: _id, worker: owner })) : null,
    lastReconcile: reconciledOf(sight),
    problems: [],
  };
  report.problems = problemsOf(report);
  return report;
}

function answers(seen: object & Partial<{ away: string }>): { answers: boolean; why?: string } {
  return seen.away === undefined ? { answers: true } : { answers: false, why: seen.away };
}

function topicsOf({ kafka, database, oldest }: Looks, at: number): TopicStatus[] {
  return CONSUMED_TOPICS.map((topic): TopicStatus => {
    const letters = 'found' in kafka ? (kafka.found.letters.get(topic) ?? []) : undefined;
    const deadLetters = letters ? letters.reduce((total, { start, end }) => total + end - start, 0) : null;
    if (!('found' in kafka) || !('found' in database)) {
      return {
        topic,
        records: null,
        seconds: null,
        partitionsBehind: [],
        deadLetters,
        openDeadLetters: null,
      };
    }
    const closed = closedOf(topic, letters ?? [], database.found.closedLetters);
    const openDeadLetters = Math.max(0, (deadLetters ?? 0) - closed);
    const positions = new Map(database.found.sight.lanes.map((lane) => [Number(lane._id), lane.positions]));
    let records = 0;
    let seconds: number | null = 0;
    const partitionsBehind: number[] = [];
    for (const [partition, end] of (kafka.found.ends.get(topic) ?? []).entries()) {
      const position = positions.get(partition)?.[topic];
      const waiting = end - (position?.next ?? 0);
      if (waiting <= 0) continue;
      records += waiting;
      partitionsBehind.push(partition);
      const since = oldest.get(`${topic}/${partition}`) ?? (position?.at.getTime() || undefined);
      if (since === undefined) seconds = null;
      else if (seconds !== null) seconds = Math.max(seconds, secondsSince(since, at));
    }
    return { topic, records, seconds, partitionsBehind, deadLetters, openDeadLetters };
  });
}

/** Of the closed ones those that the topic still has. */
function closedOf(topic: string, ranges: readonly LetterRange[], closed: readonly string[]): number {
  return closed.filter((id) => {
    const [of, partition, offset] = id.split('/');
    const range = ranges[Number(partition)];
    return of === topic && range && Number(offset) >= range.start && Number(offset) < range.end;
  }).length;
}

function workersOf(sight: Sight): NonNullable<StatusReport['workers']> {
  return sight.workers.map(({ _id, incarnation, roles }) => ({
    worker: _id,
    roles,
    lanes: sight.lanes
      .filter(({ owner }) => workerOf(owner ?? '') === _id && owner.startsWith(`${_id}/${incarnation}/`))
      .map((lane) => Number(lane._id))
      .sort((a, b) => a - b),
  }));
}

/** Those that were never taken have nobody either. */
function withoutWorker(sight: Sight, partitions: number): number[] {
  const known = new Set(sight.lanes.map((lane) => Number(lane._id)));
  const never = Array.from({ length: partitions }, (_, lane) => lane).filter((lane) => !known.has(lane));
  return [...orphanedLanes(sight), ...never].sort((a, b) => a - b);
}

function reconciledOf(sight: Sight | undefined): StatusReport['lastReconcile'] {
  const reconciled = sight?.reconciled;
  if (!reconciled) return null;
  return { at: reconciled.finishedAt.toISOString(), differences: reconciled.differences };
}

function expiryOf({ expiryPause }: Sight): NonNullable<StatusReport['expiry']> {
  if (!expiryPause?.on) return { paused: false };
  const { at, actor, reason } = expiryPause;
  return { paused: true, since: at.toISOString(), actor, ...(reason !== undefined && { reason }) };
}

function problemsOf(report: StatusReport): string[] {
  const { servers, workers, lanesWithoutWorker, topics, watermark, outbox, holds, expiry, leases } = report;
  const problems: string[] = [];
  for (const { why } of Object.values(servers)) if (why !== undefined) problems.push(why);
  const working = workers?.filter(({ roles }) => !roles.includes('api'));
  if (working?.length === 0) problems.push('no worker is alive');
  else if (lanesWithoutWorker && lanesWithoutWorker.length > 0) {
    problems.push(`no worker has lane ${lanesWithoutWorker.join(', ')}`);
  }
  for (const { topic, seconds, records } of topics) {
    if ((seconds ?? 0) > LAG_SECONDS) problems.push(`${topic} is ${seconds} s behind, by ${records} records`);
  }
  if (working && working.length > 0) {
    for (const lease of ['relay', 'expire']) {
      if (!leases?.some((held) => held.lease === lease)) problems.push(`nobody has the lease "${lease}"`);
    }
  }
  if (watermark && watermark.secondsBehind > LAG_SECONDS) {
    problems.push(
      `W is ${watermark.secondsBehind} s behind: holds that fell due since are kept, ` +
        'unless a partition has stood still for HOLDFAST_STALL_ALARM_MS',
    );
  }
  if (outbox && outbox.seconds > OUTBOX_SECONDS) problems.push(`the outbox waits for ${outbox.seconds} s`);
  if (expiry?.paused) problems.push('expiry is paused');
  else if (holds && holds.overdueSeconds > OVERDUE_SECONDS) {
    problems.push(`${holds.overdue} holds are due for up to ${holds.overdueSeconds} s`);
  }
  const open = topics.filter(({ openDeadLetters }) => (openDeadLetters ?? 0) > 0);
  if (open.length > 0) {
    const counts = open.map(({ topic, openDeadLetters }) => `${openDeadLetters} of ${topic}`).join(', ');
    problems.push(`dead letters are open, ${counts}: ops dlq list`);
  }
  const { lastReconcile } = report;
  const age = lastReconcile ? secondsSince(Date.parse(lastReconcile.at), Date.parse(report.at)) : 0;
  if (age > RECONCILED_SECONDS) problems.push(`the last reconciliation finished ${age} s ago`);
  const differences = lastReconcile?.differences ?? 0;
  if (differences > 0) {
    problems.push(
      `the last reconciliation found ${differences} differences: ops audit; it is said until the next one has finished`,
    );
  }
  return problems;
}

function secondsSince(since: number | undefined, at: number): number {
  return since === undefined ? 0 : Math.max(0, Math.round((at - since) / 1_000));
}

function isoOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
