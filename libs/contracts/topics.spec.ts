import {
  CONSUMED_TOPICS,
  PUBLISHED_TOPICS,
  consumedTopicOf,
  deadLetterTopicOf,
  topicsFor,
} from './topics.js';

const byName = (options = {}) => new Map(topicsFor(options).map((topic) => [topic.name, topic]));

describe('topicsFor', () => {
  it('wants every consumed topic, its dead letters and every published topic', () => {
    const names = [...CONSUMED_TOPICS, ...PUBLISHED_TOPICS, ...CONSUMED_TOPICS.map(deadLetterTopicOf)];
    expect([...byName().keys()].sort()).toEqual(names.sort());
  });

  it('gives all of them the same number of partitions, and the broker’s own replication', () => {
    for (const topic of topicsFor()) expect(topic).toMatchObject({ partitions: 6, replicationFactor: -1 });
    for (const topic of topicsFor({ partitions: 12, replicationFactor: 3 })) {
      expect(topic).toMatchObject({ partitions: 12, replicationFactor: 3 });
    }
  });

  it('owns what it publishes and its dead letters, not what others send', () => {
    for (const topic of topicsFor()) {
      expect(topic.owned).toBe(!(CONSUMED_TOPICS as readonly string[]).includes(topic.name));
    }
  });

  it('keeps the ledger for good, dead letters 30 days, the rest a week', () => {
    const week = String(7 * 86_400_000);
    for (const [name, topic] of byName()) {
      const expected =
        name === 'StockOutcome' ? '-1' : name.endsWith('.dlq') ? String(30 * 86_400_000) : week;
      expect([name, topic.configs['retention.ms']]).toEqual([name, expected]);
      expect(topic.configs['retention.bytes']).toBe('-1');
      expect(topic.configs['cleanup.policy']).toBe('delete');
      expect(topic.configs['compression.type']).toBe('producer');
    }
  });

  it('lets a dead letter be more than twice as large as its source', () => {
    const topics = byName();
    for (const name of CONSUMED_TOPICS) {
      const source = Number(topics.get(name)?.configs['max.message.bytes']);
      const letters = Number(topics.get(deadLetterTopicOf(name))?.configs['max.message.bytes']);
      expect(letters).toBeGreaterThan(2 * source);
    }
  });

  it('has the broker stamp consumed records, for expiry compares these stamps', () => {
    const topics = byName();
    for (const name of CONSUMED_TOPICS) {
      expect(topics.get(name)?.configs['message.timestamp.type']).toBe('LogAppendTime');
    }
  });

  it('puts the prefix before every name', () => {
    for (const topic of topicsFor({ prefix: 'test-7.' })) expect(topic.name).toMatch(/^test-7\.[A-Z]/);
  });
});

describe('consumedTopicOf', () => {
  it.each([
    ['OrderPlaced', '', 'OrderPlaced'],
    ['a.OrderPlaced', 'a.', 'OrderPlaced'],
    ['OrderPlaced', 'a.', undefined],
    ['a.OrderPlaced', '', undefined],
    ['StockOutcome', '', undefined],
    ['OrderPlaced.dlq', '', undefined],
  ])('%s with prefix "%s" is %s', (name, prefix, topic) => {
    expect(consumedTopicOf(name, prefix)).toBe(topic);
  });
});
