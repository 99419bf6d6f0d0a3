/** Which dead letters a command is about, read from their topics together with what was done with them. */

import {
  CONSUMED_TOPICS,
  consumedTopicOf,
  deadLetterTopicOf,
  topicName,
  type ConsumedTopic,
} from '@holdfast/contracts';
import {
  countOf,
  letterFrom,
  TopicRanges,
  type KafkaPort,
  type PartitionRange,
  type ReadLetter,
} from '@holdfast/messaging';
import { actsOn, type Database, type DeadLetterActDoc } from '@holdfast/store';
import { InvalidArgumentError } from 'commander';
import { UsageFault } from '../failures.js';

export interface LetterRef {
  topic: ConsumedTopic;
  partition: number;
  offset: number;
}

export interface Selection {
  /** all, unless given */
  topics?: ConsumedTopic[];
  /** epoch ms: letters written since, and before */
  from?: number;
  to?: number;
  errorClasses?: string[];
  /** these alone */
  letters?: LetterRef[];
  /** letters that something was done with, too */
  all?: boolean;
}

export interface SelectedLetter {
  /** `OrderPlaced/3/17`: what commands call it */
  id: string;
  topic: ConsumedTopic;
  letter: ReadLetter;
  /** what was done with it */
  act: DeadLetterActDoc | undefined;
  /** whether it still waits for somebody */
  isOpen: boolean;
}

export interface Servers {
  kafka: KafkaPort;
  topicPrefix: string;
  database: Database;
}

export function topicOf(text: string): ConsumedTopic {
  const topic = CONSUMED_TOPICS.find((name) => name === text.replace(/\.dlq$/, ''));
  if (topic) return topic;
  throw new InvalidArgumentError(`Use one of ${CONSUMED_TOPICS.join(', ')}.`);
}

/** `OrderPlaced/3/17` */
export function letterRef(text: string): LetterRef {
  const [, name = '', partition, offset] = /^([^/]+)\/(\d{1,6})\/(\d{1,15})$/.exec(text) ?? [];
  const topic = CONSUMED_TOPICS.find((one) => one === name.replace(/\.dlq$/, ''));
  if (!topic) {
    throw new InvalidArgumentError(
      'Use TOPIC/PARTITION/OFFSET as `dlq list` shows it, such as OrderPlaced/3/17.',
    );
  }
  return { topic, partition: Number(partition), offset: Number(offset) };
}

/**
 * The letters in the order in which they died, some at a time.
 * @param onProgress letters read so far, and how many there are at most
 */
export async function* selectedLetters(
  servers: Servers,
  selection: Selection,
  onProgress: (read: number, total: number) => void = () => undefined,
): AsyncGenerator<SelectedLetter[]> {
  const { kafka, topicPrefix, database } = servers;
  const ranges = new TopicRanges(kafka);
  await ranges.connect();
  try {
    const wanted = await rangesOf(ranges, selection, topicPrefix);
    const total = countOf(wanted);
    let read = 0;
    for await (const records of ranges.merged(wanted, 500)) {
      read += records.length;
      onProgress(read, total);
      const letters = records.map((record) => {
        const topic = sourceOf(record.topic, topicPrefix);
        const letter = letterFrom(record);
        return { id: `${topic}/${record.partition}/${record.offset}`, topic, letter };
      });
      const acts = await actsOn(
        database,
        letters.map(({ id, letter }) => ({ id, failedAt: letter.failedAt })),
      );
      const found = letters
        .map(({ id, topic, letter }): SelectedLetter => {
          const act = acts.get(id);
          return { id, topic, letter, act, isOpen: act?.done !== true };
        })
        .filter((letter) => isWanted(letter, selection));
      if (found.length > 0) yield found;
    }
  } finally {
    await ranges.disconnect();
  }
}

function isWanted({ letter, isOpen }: SelectedLetter, selection: Selection): boolean {
  if (!isOpen && selection.all !== true && !selection.letters) return false;
  return selection.errorClasses?.includes(letter.errorClass) ?? true;
}

async function rangesOf(
  ranges: TopicRanges,
  { letters, topics = [...CONSUMED_TOPICS], from, to }: Selection,
  prefix: string,
): Promise<PartitionRange[]> {
  const names = (letters ? [...new Set(letters.map(({ topic }) => topic))] : topics).map((topic) =>
    topicName(deadLetterTopicOf(topic), prefix),
  );
  const whole = await ranges.between(
    names,
    from === undefined ? 'start' : { time: from },
    to === undefined ? 'end' : { time: to },
  );
  if (!letters) return whole;
  return letters.map(({ topic, partition, offset }) => {
    const name = topicName(deadLetterTopicOf(topic), prefix);
    const range = whole.find((one) => one.topic === name && one.partition === partition);
    if (!range || offset < range.logStart || offset >= range.to) {
      throw new UsageFault(`there is no dead letter ${topic}/${partition}/${offset}: see \`dlq list --all\``);
    }
    return { ...range, from: offset, to: offset + 1 };
  });
}

function sourceOf(name: string, prefix: string): ConsumedTopic {
  const topic = consumedTopicOf(name.replace(/\.dlq$/, ''), prefix);
  if (!topic) throw new Error(`${name} is no dead-letter topic`);
  return topic;
}
