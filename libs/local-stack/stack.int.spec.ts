import { Kafka, logLevel } from 'kafkajs';
import { mongo } from 'mongoose';
import { testStack } from '../../test/support/stack.js';
import { makeTopics } from '../../test/support/topics.js';

describe('the stack of a test run', () => {
  it('takes a message and a transaction', async () => {
    const { brokers, mongoUri } = testStack();
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await makeTopics(admin, ['stack-int']);
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'stack-int', messages: [{ value: 'x' }] });
    await producer.disconnect();
    expect((await admin.fetchTopicOffsets('stack-int'))[0]?.high).toBe('1');
    await admin.disconnect();

    const client = new mongo.MongoClient(mongoUri);
    await client.withSession((session) =>
      session.withTransaction(() => client.db('stack-int').collection('c').insertOne({}, { session })),
    );
    expect(await client.db('stack-int').collection('c').countDocuments()).toBe(1);
    await client.close();
  });
});
