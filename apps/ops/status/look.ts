/**
 * One look at both servers, without any worker's help: it has to work when all of them are dead. A server that does
 * not answer leaves its part out and says why.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { readSettings, serverConfig, WORKER, type Environment } from '@holdfast/config';
import { CONSUMED_TOPICS, deadLetterTopicOf, topicName, type ConsumedTopic } from '@holdfast/contracts';
import { EndOffsets, groupView, RecordTimes, type GroupView, type KafkaPort } from '@holdfast/messaging';
import { closedLetters, countHolds, lookAround, type HoldCounts, type Sight } from '@holdfast/store';
import { failureOf, ServerAway } from '../failures.js';
import { kafkaOf, withDatabase } from '../servers.js';

/** Of the database's reads each, and of Kafka's all together. */
const WITHIN_MS = 5_000;
const COUNT_WITHIN_MS = 20_000;

/** Offsets of dead letters: from the first that is there to behind the last. */
export interface LetterRange {
  start: number;
  end: number;
}

export interface KafkaLook {
  groupId: string;
  group: GroupView;
  /** by partition */
  ends: Map<ConsumedTopic, number[]>;
  /** what its dead-letter topic has, by partition */
  letters: Map<ConsumedTopic, LetterRange[]>;
}

export interface DatabaseLook {
  sight: Sight;
  holds: HoldCounts;
  /** dead letters that are done with, as `OrderPlaced/3/17`; the topics may no longer have them */
  closedLetters: string[];
}

/** What was seen, or why not. */
export type Seen<T> = { found: T } | { away: string };

export interface Looks {
  kafka: Seen<KafkaLook>;
  database: Seen<DatabaseLook>;
  /** broker's time of the first record that is not applied, epoch ms, by `topic/partition`; of those that lag */
  oldest: Map<string, number>;
}

/** @throws ConfigError */
export async function lookAtAll(environment: Environment | undefined): Promise<Looks> {
  // Both at once, so that every mistake is named at once.
  serverConfig(environment);
  // In this order: what counts as applied by then really is.
  const kafka = await seen(() => lookAtKafka(environment));
  const database = await seen(() =>
    withDatabase(environment, 'read', async ({ database: open }) => {
      const sight = await lookAround(open, WITHIN_MS);
      return {
        sight,
        holds: await countHolds(open, sight.now, COUNT_WITHIN_MS),
        closedLetters: await closedLetters(open, COUNT_WITHIN_MS),
      };
    }),
  );
  const oldest = new Map<string, number>();
  if ('found' in kafka && 'found' in database) {
    const waiting = firstWaiting(kafka.found, database.found.sight);
    // Without it there is still the number of records.
    if (waiting.length > 0) await seen(() => timesOf(environment, waiting, oldest));
  }
  return { kafka, database, oldest };
}

async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { found: await look() };
  } catch (error) {
    const { kind, message } = failureOf(error);
    if (kind !== 'server-away') throw error;
    return { away: message };
  }
}

function lookAtKafka(environment: Environment | undefined): Promise<KafkaLook> {
  const { groupId } = readSettings({ groupId: WORKER.groupId }, environment);
  return withKafka(environment, async (kafka, topicPrefix) => {
    const letters = CONSUMED_TOPICS.map((topic) => topicName(deadLetterTopicOf(topic), topicPrefix));
    const consumed = CONSUMED_TOPICS.map((topic) => topicName(topic, topicPrefix));
    const offsets = new EndOffsets(kafka);
    await offsets.connect();
    try {
      const group = await groupView(kafka, groupId);
      const starts = await offsets.startsOf(letters);
      const ends = await offsets.of([...consumed, ...letters]);
      const rangesOf = (name: string): LetterRange[] =>
        (ends.get(name) ?? []).map((end, partition) => ({ start: starts.get(name)?.[partition] ?? 0, end }));
      return {
        groupId,
        group,
        ends: new Map(CONSUMED_TOPICS.map((topic, at) => [topic, ends.get(consumed[at] ?? '') ?? []])),
        letters: new Map(CONSUMED_TOPICS.map((topic, at) => [topic, rangesOf(letters[at] ?? '')])),
      };
    } finally {
      await offsets.disconnect();
    }
  });
}

interface Waiting {
  topic: ConsumedTopic;
  partition: number;
  offset: number;
}

function firstWaiting({ ends }: KafkaLook, { lanes }: Sight): Waiting[] {
  const positions = new Map(lanes.map((lane) => [Number(lane._id), lane.positions ?? {}]));
  return [...ends].flatMap(([topic, partitions]) =>
    partitions.flatMap((end, partition) => {
      const offset = positions.get(partition)?.[topic]?.next ?? 0;
      return offset < end ? [{ topic, partition, offset }] : [];
    }),
  );
}

function timesOf(
  environment: Environment | undefined,
  waiting: readonly Waiting[],
  oldest: Map<string, number>,
): Promise<void> {
  return withKafka(environment, async (kafka, topicPrefix) => {
    const times = new RecordTimes(kafka);
    await times.connect();
    try {
      for (const { topic, partition, offset } of waiting) {
        const at = await times.at(topicName(topic, topicPrefix), partition, offset);
        if (at !== undefined) oldest.set(`${topic}/${partition}`, at);
      }
    } finally {
      await times.disconnect();
    }
  });
}

/** @throws ServerAway also when the brokers are there and have no answer: their client would try for half a minute */
async function withKafka<T>(
  environment: Environment | undefined,
  work: (kafka: KafkaPort, topicPrefix: string) => Promise<T>,
): Promise<T> {
  const { kafka, topicPrefix } = await kafkaOf(environment);
  const enough = new AbortController();
  const late = delay(WITHIN_MS, undefined, { signal: enough.signal }).then(() => {
    throw new ServerAway('Kafka', new Error(`no answer within ${WITHIN_MS / 1_000} s`));
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work(kafka, topicPrefix), late]);
  } finally {
    enough.abort();
  }
}
