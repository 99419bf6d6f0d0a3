/** Another team's view: nothing but docs/schemas and a Kafka client, against the running pipeline. */

import { readFileSync } from 'node:fs';
import { CONSUMED_TOPICS, topicsFor, type ConsumedTopic } from '@holdfast/contracts';
import { planTopics } from '@holdfast/messaging';
import { startPipeline, type Pipeline } from '../support/pipeline.js';

let shop: Pipeline;
beforeAll(async () => {
  shop = await startPipeline();
});
// Also holds everything that was published against docs/schemas and CloudEvents 1.0.
afterAll(() => shop.finish());

interface Schema {
  required: string[];
  properties: Record<string, object>;
  examples: Record<string, unknown>[];
}

function schemaOf(topic: ConsumedTopic): Schema {
  return JSON.parse(readFileSync(`docs/schemas/${topic}.json`, 'utf8')) as Schema;
}

/** Every example of the document, as events of one order. */
function examples(topic: ConsumedTopic, orderId: string): Record<string, unknown>[] {
  return schemaOf(topic).examples.map((example) => ({ ...example, orderId }));
}

async function send(topic: ConsumedTopic, message: object): Promise<void> {
  await shop.publish.raw(topic, { key: 'sole-bakery', value: JSON.stringify(message) });
}

describe('the documented messages', () => {
  it('are understood: the examples make an order that is held, sold, refunded and rejected', async () => {
    for (const topic of ['OrderPlaced', 'PaymentReceived', 'OrderRefunded', 'OrderRejected'] as const) {
      expect(examples(topic, 'whole')).not.toEqual([]);
      for (const message of examples(topic, 'whole')) await send(topic, message);
      await shop.drained();
      await shop.expired();
      await shop.drained();
    }
    // Placed in the past: it has expired when the payment comes, and is reinstated.
    expect(shop.outcomes().story('sole-bakery', 'whole')).toEqual([
      'Held',
      'Released',
      'Reinstated',
      'RefundRecorded',
      'Released',
      'RefundRequired',
    ]);
    expect(shop.outcomes().letters).toEqual([]);
  });

  it('are refused by name when a required field is missing or null', async () => {
    const expected: string[] = [];
    for (const topic of CONSUMED_TOPICS) {
      const [example] = examples(topic, 'incomplete');
      for (const field of schemaOf(topic).required) {
        const { [field]: _, ...without } = example ?? {};
        await send(topic, without);
        await send(topic, { ...example, [field]: null });
        expected.push(`${topic} missing-field /${field}`, `${topic} invalid-field /${field}`);
      }
    }
    await shop.drained();
    const found = shop.outcomes().letters.map(({ source, told }) => {
      return `${source} ${told['error']} ${told['message']?.split(' ')[0]}`;
    });
    expect(found.sort()).toEqual(expected.sort());
  });

  it('may leave every optional field away', async () => {
    for (const topic of CONSUMED_TOPICS) {
      const { required } = schemaOf(topic);
      const [example] = examples(topic, `bare-${topic}`);
      const bare = Object.fromEntries(
        Object.entries(example ?? {}).filter(([field]) => required.includes(field)),
      );
      const before = shop.outcomes().letters.length;
      await send(topic, bare);
      await shop.drained();
      expect({ topic, letters: shop.outcomes().letters.length - before }).toEqual({ topic, letters: 0 });
    }
  });

  it('stand on topics that are as documented, so that there is nothing left to apply', async () => {
    const wanted = topicsFor({ prefix: shop.topicPrefix });
    expect(await planTopics(shop.admin, wanted, { changeConsumed: true })).toEqual([]);
  });
});
