/** What topics the broker should have against what it has, and the way from one to the other. */

import { setTimeout as delay } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { Admin } from '../kafkajs/kafka-port.js';

export interface TopicWanted {
  /** with prefix */
  name: string;
  partitions: number;
  /** -1 = the broker's default */
  replicationFactor: number;
  configs: Record<string, string>;
  /** false: others' topic; created when missing, changed only when asked to */
  owned: boolean;
}

export interface TopicStep {
  topic: string;
  action: 'create' | 'add-partitions' | 'change-config';
  /** the partition count or the configuration's name */
  what: string;
  from?: string;
  to: string;
  /** why it is not done */
  blocked?: string;
}

interface TopicFound {
  partitions: number;
  configs: Map<string, { value: string; isDefault: boolean }>;
}

const { ConfigResourceTypes } = kafkajs;

const KNOWN_EVERY_MS = 50;
const KNOWN_TRIES = 200;

/** Configurations that come from the topic itself, in kafkajs' words for the source of a value. */
const TOPIC_CONFIG_SOURCE = 1;

export async function planTopics(
  admin: Admin,
  wanted: readonly TopicWanted[],
  { changeConsumed }: { changeConsumed: boolean },
): Promise<TopicStep[]> {
  const found = await findTopics(
    admin,
    wanted.map(({ name }) => name),
  );
  return wanted.flatMap((topic) => {
    const existing = found.get(topic.name);
    if (!existing) {
      return [
        { topic: topic.name, action: 'create' as const, what: 'topic', to: `${topic.partitions} partitions` },
      ];
    }
    const blocked = topic.owned || changeConsumed ? undefined : 'others’ topic: use --change-consumed';
    return stepsOf(topic, existing).map((step) => (blocked && !step.blocked ? { ...step, blocked } : step));
  });
}

function stepsOf(topic: TopicWanted, existing: TopicFound): TopicStep[] {
  const steps: TopicStep[] = [];
  if (existing.partitions !== topic.partitions) {
    const step: TopicStep = {
      topic: topic.name,
      action: 'add-partitions',
      what: 'partitions',
      from: String(existing.partitions),
      to: String(topic.partitions),
    };
    if (existing.partitions > topic.partitions) step.blocked = 'partitions cannot be taken away';
    steps.push(step);
  }
  for (const [name, to] of Object.entries(topic.configs)) {
    const from = existing.configs.get(name)?.value;
    if (from === to) continue;
    steps.push({
      topic: topic.name,
      action: 'change-config',
      what: name,
      ...(from !== undefined && { from }),
      to,
    });
  }
  return steps;
}

async function findTopics(admin: Admin, names: string[]): Promise<Map<string, TopicFound>> {
  const listed = new Set(await admin.listTopics());
  const existing = names.filter((name) => listed.has(name));
  if (existing.length === 0) return new Map();
  const { topics } = await admin.fetchTopicMetadata({ topics: existing });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
  });
  const configs = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(
        configEntries.map(({ configName, configValue, configSource }) => [
          configName,
          { value: configValue, isDefault: Number(configSource) !== TOPIC_CONFIG_SOURCE },
        ]),
      ),
    ]),
  );
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      { partitions: partitions.length, configs: configs.get(name) ?? new Map() },
    ]),
  );
}

/** Does the steps that are not blocked. Idempotent: a plan made again is empty. */
export async function applyTopics(
  admin: Admin,
  wanted: readonly TopicWanted[],
  steps: readonly TopicStep[],
): Promise<void> {
  const open = steps.filter((step) => step.blocked === undefined);
  const of = (action: TopicStep['action']): TopicWanted[] =>
    wanted.filter(({ name }) => open.some((step) => step.topic === name && step.action === action));
  const missing = of('create');
  if (missing.length > 0) {
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map(({ name, partitions, replicationFactor, configs }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      })),
    });
  }
  const growing = of('add-partitions');
  if (growing.length > 0) {
    await admin.createPartitions({
      topicPartitions: growing.map(({ name, partitions }) => ({ topic: name, count: partitions })),
    });
  }
  await untilKnown(admin, [...missing, ...growing]);
  const changing = of('change-config');
  if (changing.length > 0) {
    await changeConfigs(admin, changing);
    await untilConfigured(admin, changing);
  }
}

/** The controller has taken them, and the brokers hear of it a moment later. */
function untilConfigured(admin: Admin, topics: readonly TopicWanted[]): Promise<void> {
  return untilNone('the broker does not show what it took yet', async () => {
    const steps = await planTopics(admin, topics, { changeConsumed: true });
    return steps.filter(({ action }) => action !== 'add-partitions').map(({ topic }) => topic);
  });
}

/**
 * Waits until the broker that answers has heard of new topics and partitions. The controller makes them, and tells
 * the brokers a moment later; kafkajs's own waiting fails when it asks within that moment.
 * @throws Error when they do not appear in time
 */
export function untilKnown(
  admin: Admin,
  topics: readonly { name: string; partitions: number }[],
): Promise<void> {
  const waiting = new Map(topics.map(({ name, partitions }) => [name, partitions]));
  return untilNone('the broker does not know of them yet', async () => {
    if (waiting.size === 0) return [];
    const listed = new Set(await admin.listTopics());
    const asked = [...waiting.keys()].filter((name) => listed.has(name));
    if (asked.length > 0) {
      const metadata = await admin.fetchTopicMetadata({ topics: asked }).catch(() => ({ topics: [] }));
      for (const { name, partitions } of metadata.topics) {
        const led = partitions.filter(({ leader }) => leader >= 0);
        if (led.length >= (waiting.get(name) ?? 0)) waiting.delete(name);
      }
    }
    return [...waiting.keys()];
  });
}

/** @throws Error with `complaint` when topics are left after the last look */
async function untilNone(complaint: string, left: () => Promise<readonly string[]>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const topics = await left();
    if (topics.length === 0) return;
    if (tries === KNOWN_TRIES) throw new Error(`${[...new Set(topics)].join(', ')}: ${complaint}`);
    await delay(KNOWN_EVERY_MS);
  }
}

/** kafkajs alters a topic's configuration as a whole: what was set otherwise has to be said again. */
async function changeConfigs(admin: Admin, topics: TopicWanted[]): Promise<void> {
  const found = await findTopics(
    admin,
    topics.map(({ name }) => name),
  );
  await admin.alterConfigs({
    validateOnly: false,
    resources: topics.map(({ name, configs }) => {
      const own = [...(found.get(name)?.configs ?? [])].filter(([, { isDefault }]) => !isDefault);
      const all = { ...Object.fromEntries(own.map(([key, { value }]) => [key, value])), ...configs };
      return {
        type: ConfigResourceTypes.TOPIC,
        name,
        configEntries: Object.entries(all).map(([key, value]) => ({ name: key, value })),
      };
    }),
  });
}
