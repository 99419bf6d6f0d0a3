import type { Socket } from 'node:net';
import { createKafka, Publisher, TopicRanges } from '../index.js';
import { LaneFixture } from '../testing/lane-fixture.js';
import { testStack } from '../../../test/support/stack.js';
import { wholeFrameSocket } from '../kafkajs/whole-frames.js';

const PARTITIONS = 12;
/** The one that asks who there is, and two to the only broker: for fetches, and for all else. */
const MOST_SOCKETS = 3;

describe('ranges of a topic on a real broker', () => {
  let fixture: LaneFixture;
  let topic: string;

  beforeAll(async () => {
    fixture = await LaneFixture.create(PARTITIONS);
    topic = fixture.topic('OrderPlaced');
    const publisher = new Publisher(fixture.kafka);
    await publisher.connect();
    const keys = Array.from({ length: 200 }, (_, at) => `store-${at}`);
    await publisher.publish(keys.map((key) => ({ topic, key, value: 'x' })));
    await publisher.disconnect();
  });

  afterAll(() => fixture.close());

  it('are read at once over one connection for all partitions, and none is left open', async () => {
    const sockets: Socket[] = [];
    const kafka = createKafka({
      brokers: testStack().brokers,
      clientId: 'ranges',
      socketFactory: (options) => {
        const socket = wholeFrameSocket(options);
        sockets.push(socket);
        return socket;
      },
    });
    const ranges = new TopicRanges(kafka);
    await ranges.connect();
    const stretch = await ranges.between([topic], 'start', 'end');
    let records = 0;
    for await (const chunk of ranges.merged(stretch)) records += chunk.length;
    await ranges.disconnect();
    expect(stretch.filter(({ from, to }) => from < to)).toHaveLength(PARTITIONS);
    expect(records).toBe(200);
    expect(sockets.length).toBeLessThanOrEqual(MOST_SOCKETS);
    expect(sockets.filter((socket) => !socket.writableEnded)).toEqual([]);
  });
});
