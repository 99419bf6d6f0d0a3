import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { testStack } from '../../../test/support/stack.js';
import { applyTopics, createKafka, planTopics, type Admin, type TopicWanted } from '../index.js';
import { silent } from '../testing/lane-fixture.js';

describe('topics on a real broker', () => {
  const prefix = `a${randomBytes(4).toString('hex')}-`;
  let admin: Admin;

  beforeAll(async () => {
    admin = createKafka({ brokers: testStack().brokers, clientId: 'test', log: silent }).admin();
    await admin.connect();
  });

  afterAll(async () => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await admin.disconnect();
  });

  function wanted(name: string, options: Partial<TopicWanted> = {}): TopicWanted {
    const configs = { 'retention.ms': '86400000', 'message.timestamp.type': 'LogAppendTime' };
    return { name: prefix + name, partitions: 3, replicationFactor: -1, configs, owned: true, ...options };
  }

  async function bring(topics: TopicWanted[], changeConsumed = false) {
    const steps = await planTopics(admin, topics, { changeConsumed });
    await applyTopics(admin, topics, steps);
    return steps.map(({ topic, action, what, from, to, blocked }) =>
      [topic.slice(prefix.length), action, what, from, to, blocked && 'blocked'].filter(Boolean).join(' '),
    );
  }

  async function configOf(name: string, config: string): Promise<string | undefined> {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: prefix + name }],
    });
    return resources[0]?.configEntries.find(({ configName }) => configName === config)?.configValue;
  }

  it('creates what is missing, with its configuration, and then has nothing left to do', async () => {
    const topics = [wanted('made'), wanted('others', { owned: false })];
    expect(await bring(topics)).toEqual([
      'made create topic 3 partitions',
      'others create topic 3 partitions',
    ]);
    expect(await configOf('made', 'message.timestamp.type')).toBe('LogAppendTime');
    expect(await bring(topics)).toEqual([]);
  });

  it('adds partitions and changes configurations, and leaves alone what others have set', async () => {
    await bring([wanted('grown', { configs: { 'retention.ms': '1000000', 'segment.bytes': '1048576' } })]);
    const steps = await bring([wanted('grown', { partitions: 5 })]);
    expect(steps).toEqual([
      'grown add-partitions partitions 3 5',
      'grown change-config retention.ms 1000000 86400000',
      'grown change-config message.timestamp.type CreateTime LogAppendTime',
    ]);
    expect(await configOf('grown', 'segment.bytes')).toBe('1048576');
    expect(await bring([wanted('grown', { partitions: 5 })])).toEqual([]);
  });

  it('does not take partitions away', async () => {
    await bring([wanted('wide', { partitions: 4 })]);
    expect(await bring([wanted('wide')])).toEqual(['wide add-partitions partitions 4 3 blocked']);
  });

  it("changes others' topics on request alone", async () => {
    await bring([wanted('consumed', { owned: false })]);
    const changed = wanted('consumed', { owned: false, configs: { 'retention.ms': '5000000' } });
    expect(await bring([changed])).toEqual(['consumed change-config retention.ms 86400000 5000000 blocked']);
    expect(await configOf('consumed', 'retention.ms')).toBe('86400000');
    await bring([changed], true);
    expect(await configOf('consumed', 'retention.ms')).toBe('5000000');
  });
});
