import kafkajs from 'kafkajs';
import Broker from 'kafkajs/src/broker/index.js';
import Cluster from 'kafkajs/src/cluster/index.js';
import response from 'kafkajs/src/protocol/requests/metadata/v6/response.js';
import './foreign-topics.js';

const LEADER_NOT_AVAILABLE = 5;

/** of a cluster where the only broker of one of two topics is away */
const ANSWER = {
  topicMetadata: [
    { topic: 'ours', topicErrorCode: 0, partitionMetadata: [{ partitionErrorCode: 0, leader: 1 }] },
    {
      topic: 'theirs',
      topicErrorCode: 0,
      partitionMetadata: [{ partitionErrorCode: LEADER_NOT_AVAILABLE, leader: -1 }],
    },
  ],
};

/** A broker whose connection answers so. */
function brokerAnswering(answer: unknown): Broker {
  const [send] = Object.getOwnPropertySymbols(Broker.prototype).filter((symbol) =>
    String(symbol).includes('sendRequest'),
  ) as [symbol];
  return Object.assign(Object.create(Broker.prototype) as Broker, {
    lookupRequest: () => () => undefined,
    [send]: () => response.parse(answer),
  });
}

describe('a partition without a leader', () => {
  it('is told, and no error, in an answer about all topics', async () => {
    expect(await brokerAnswering(ANSWER).metadata()).toBe(ANSWER);
  });

  it('is an error for who named its topic', async () => {
    await expect(brokerAnswering(ANSWER).metadata(['ours', 'theirs'])).rejects.toThrow(/no leader/);
    const ours = { topicMetadata: ANSWER.topicMetadata.slice(0, 1) };
    expect(await brokerAnswering(ours).metadata(['ours'])).toBe(ours);
  });
});

it('who is answered by no broker is told so, and may ask again', async () => {
  const cluster = Object.assign(Object.create(Cluster.prototype) as Cluster, {
    retrier: (work: () => Promise<unknown>) => work(),
    brokerPool: {
      refreshMetadataIfNecessary: () => Promise.resolve(),
      withBroker: () => Promise.resolve(null),
    },
  });
  const error: unknown = await cluster.metadata({ topics: ['ours'] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kafkajs.KafkaJSBrokerNotFound);
  expect(error).toMatchObject({ retriable: true, message: expect.stringContaining('of ours') as string });
});
