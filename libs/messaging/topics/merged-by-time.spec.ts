import type { ConsumedRecord } from '../records.js';
import { mergedByTime } from './merged-by-time.js';

function record(topic: string, partition: number, offset: number, timestamp: number): ConsumedRecord {
  return { topic, partition, offset, timestamp, key: null, value: null, headers: [] };
}

async function* source(...batches: ConsumedRecord[][]): AsyncGenerator<ConsumedRecord[]> {
  yield* batches;
}

async function merged(sources: AsyncGenerator<ConsumedRecord[]>[], atOnce = 100): Promise<string[][]> {
  const chunks: string[][] = [];
  for await (const records of mergedByTime(sources, ['Placed', 'Paid'], atOnce)) {
    chunks.push(records.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`));
  }
  return chunks;
}

describe('partitions merged by time', () => {
  it('come by the time of the broker, of the same time in the order of topics, then of partitions', async () => {
    expect(
      await merged([
        source([record('Paid', 0, 0, 5), record('Paid', 0, 1, 7)]),
        source([record('Placed', 1, 0, 5)]),
        source([record('Placed', 0, 0, 5)], [record('Placed', 0, 1, 6)]),
      ]),
    ).toEqual([['Placed/0/0', 'Placed/1/0', 'Paid/0/0', 'Placed/0/1', 'Paid/0/1']]);
  });

  it('keep the order of each partition, whatever its times say', async () => {
    const times = source([record('Paid', 0, 0, 9), record('Paid', 0, 1, 1)]);
    expect(await merged([times, source([record('Paid', 1, 0, 5)])])).toEqual([
      ['Paid/1/0', 'Paid/0/0', 'Paid/0/1'],
    ]);
  });

  it('come so many at a time', async () => {
    const many = Array.from({ length: 5 }, (_, offset) => record('Paid', 0, offset, offset));
    expect((await merged([source(many), source()], 2)).map((chunk) => chunk.length)).toEqual([2, 2, 1]);
  });
});
